/* SPDX-License-Identifier: Apache-2.0 */
/* samples/scaudit-seccomp.json as bytes, so that the installed program needs no file. The
 * assembler reads it from the directory that make runs in. */
#include "sandbox.h"

__asm__(".section .rodata\n"
	".global sandbox_profile\n"
	".hidden sandbox_profile\n"
	"sandbox_profile:\n"
	".incbin \"samples/scaudit-seccomp.json\"\n"
	"sandbox_profile_end:\n"
	".byte 0\n"
	".balign 8\n"
	".global sandbox_profile_n\n"
	".hidden sandbox_profile_n\n"
	"sandbox_profile_n:\n"
	".8byte sandbox_profile_end - sandbox_profile\n"
	".previous\n");
