Edits of JSON text. A row is "== name", then the text before, the edits and the text after
(or the error). "crlf" behind the mark of a part turns its line ends, "no-eol" takes the last one
away. Edits refer to the text before:

    insert ARRAY INDEX|end VALUE     member OBJECT KEY VALUE     move FROM ARRAY INDEX|end
    replace POINTER VALUE            remove POINTER              "." is the top value

== spaces, one a line: in the middle
-- before
{
  "names": [
    "a",
    "c"
  ]
}
-- edits
insert /names 1 "b"
-- after
{
  "names": [
    "a",
    "b",
    "c"
  ]
}
== tabs, one a line: in front
-- before
{
	"names": [
		"a",
		"c"
	]
}
-- edits
insert /names 0 "0"
-- after
{
	"names": [
		"0",
		"a",
		"c"
	]
}
== tabs, one a line: at the end takes two lines
-- before
{
	"names": [
		"a",
		"c"
	]
}
-- edits
insert /names end "z"
-- after
{
	"names": [
		"a",
		"c",
		"z"
	]
}
== two at one place keep their order
-- before
{
	"names": [
		"a",
		"c"
	]
}
-- edits
insert /names 1 "b1"
insert /names 1 "b2"
insert /names end "y"
insert /names end "z"
-- after
{
	"names": [
		"a",
		"b1",
		"b2",
		"c",
		"y",
		"z"
	]
}
== CRLF stays
-- before crlf
{
	"names": [
		"a",
		"c"
	]
}
-- edits
insert /names 1 "b"
insert /names end "z"
member . k {"a":[1]}
-- after crlf
{
	"names": [
		"a",
		"b",
		"c",
		"z"
	],
	"k": {
		"a": [
			1
		]
	}
}
== no newline at the end of the file
-- before no-eol
{
	"names": [
		"a",
		"c"
	]
}
-- edits
insert /names end "z"
member . k 1
-- after no-eol
{
	"names": [
		"a",
		"c",
		"z"
	],
	"k": 1
}
== an element that stands alone on its line
-- before
{
	"a": [
		1
	]
}
-- edits
insert /a 0 0
insert /a end 2
-- after
{
	"a": [
		0,
		1,
		2
	]
}
== an odd indentation stays with its line
-- before
{
  "names": [
    "a",
	"b",
    "c"
  ]
}
-- edits
insert /names 1 "new"
insert /names 2 "new2"
-- after
{
  "names": [
    "a",
	"new",
	"b",
    "new2",
    "c"
  ]
}
== a blank line between groups stays where it is
-- before
[
  "a",

  "b"
]
-- edits
insert . 1 "new"
insert . end "z"
-- after
[
  "a",

  "new",
  "b",
  "z"
]
== trailing blanks are not copied
-- before
[
  "a",  
  "b",
  "c"
]
-- edits
insert . 1 "new"
-- after
[
  "a",  
  "new",
  "b",
  "c"
]
== one line, a blank behind the comma
-- before
{"names": ["a", "b"]}
-- edits
insert /names 0 "0"
insert /names 1 "1"
insert /names end "z"
-- after
{"names": ["0", "a", "1", "b", "z"]}
== one line, none
-- before
{"names":["a","b"]}
-- edits
insert /names 0 "0"
insert /names 1 "1"
insert /names end "z"
-- after
{"names":["0","a","1","b","z"]}
== one line, blanks on both sides
-- before
["a" , "b"]
-- edits
insert . 1 "1"
insert . end "z"
-- after
["a" , "1" , "b" , "z"]
== one element on one line: the habits of the document
-- before
{
  "a": ["x"],
  "b": ["x", "y"]
}
-- edits
insert /a end "z"
-- after
{
  "a": ["x", "z"],
  "b": ["x", "y"]
}
== one element, nothing to copy: as behind the colon
-- before
{"a": ["x"]}
-- edits
insert /a end "z"
-- after
{"a": ["x", "z"]}
== one element, nothing to copy, no blanks
-- before
{"a":["x"]}
-- edits
insert /a end "z"
-- after
{"a":["x","z"]}
== one line with padded brackets
-- before
{ "names": [ "a", "b" ] }
-- edits
insert /names 1 "n"
member . k [1,2]
member . o {"p":{}}
-- after
{ "names": [ "a", "n", "b" ], "k": [ 1, 2 ], "o": { "p": {} } }
== wrapped: in the middle the line grows
-- before
{
  "names": [
    "aaaa", "bbbb", "cccc",
    "dddd", "eeee"
  ]
}
-- edits
insert /names 1 "n"
insert /names 3 "m"
-- after
{
  "names": [
    "aaaa", "n", "bbbb", "cccc",
    "m", "dddd", "eeee"
  ]
}
== wrapped: at the end a full line is broken
-- before
{
  "names": [
    "aaaa", "bbbb", "cccc",
    "dddd", "eeee"
  ]
}
-- edits
insert /names end "n1"
insert /names end "n2"
insert /names end "n3"
insert /names end "n4"
-- after
{
  "names": [
    "aaaa", "bbbb", "cccc",
    "dddd", "eeee", "n1",
    "n2", "n3", "n4"
  ]
}
== wrapped: out of the middle, at a line's start and end
-- before
{
  "names": [
    "aaaa", "bbbb", "cccc",
    "dddd", "eeee"
  ]
}
-- edits
remove /names/1
remove /names/2
remove /names/3
-- after
{
  "names": [
    "aaaa", "eeee"
  ]
}
== wrapped: new ones in the place of old ones
-- before
{
  "names": [
    "aaaa", "bbbb", "cccc",
    "dddd", "eeee"
  ]
}
-- edits
remove /names/2
insert /names 2 "n"
remove /names/3
insert /names 3 "m"
-- after
{
  "names": [
    "aaaa", "bbbb", "n", "m", "eeee"
  ]
}
== wrapped: the last of a line, the next line stays
-- before
[
  "aaaa", "bbbb", "cccc",
  "dddd", "eeee"
]
-- edits
remove /2
-- after
[
  "aaaa", "bbbb",
  "dddd", "eeee"
]
== a new one takes the place of the last, blank line included
-- before
[
  "a",

  "b"
]
-- edits
remove /1
insert . end "z"
-- after
[
  "a",

  "z"
]
== empty over two lines, others of its kind on one
-- before
{
  "r": [
    {
      "names": ["a", "b"]
    },
    {
      "names": [
      ]
    }
  ]
}
-- edits
insert /r/1/names 0 "x"
insert /r/1/names 0 "y"
-- after
{
  "r": [
    {
      "names": ["a", "b"]
    },
    {
      "names": [
        "x",
        "y"
      ]
    }
  ]
}
== one line each: lists in them stay on it, whatever lists of the kind do elsewhere
-- before
{
  "r": [
    {"n": 1}
  ],
  "o": {
    "caps": [
      "X"
    ]
  }
}
-- edits
insert /r end {"n":2,"caps":["Y"]}
-- after
{
  "r": [
    {"n": 1},
    {"n": 2, "caps": ["Y"]}
  ],
  "o": {
    "caps": [
      "X"
    ]
  }
}
== comma in front, own line
-- before
[
    "a"
  , "b"
  , "c"
]
-- edits
insert . 0 "0"
insert . 1 "1"
insert . end "z"
-- after
[
    "0"
  , "a"
  , "1"
  , "b"
  , "c"
  , "z"
]
== comma alone on its line
-- before
[
  "a"
  ,
  "b"
]
-- edits
insert . 1 "1"
insert . end "z"
-- after
[
  "a"
  ,
  "1",
  "b",
  "z"
]
== empty, one line: as others of its kind
-- before
{
	"r": [
		{
			"names": [
				"a"
			]
		},
		{
			"names": []
		}
	]
}
-- edits
insert /r/1/names 0 "x"
insert /r/1/names 0 "y"
-- after
{
	"r": [
		{
			"names": [
				"a"
			]
		},
		{
			"names": [
				"x",
				"y"
			]
		}
	]
}
== empty, one line, others of its kind too
-- before
{
  "r": [
    {
      "names": ["a", "b"]
    },
    {
      "names": []
    }
  ]
}
-- edits
insert /r/1/names 0 "x"
insert /r/1/names 0 "y"
-- after
{
  "r": [
    {
      "names": ["a", "b"]
    },
    {
      "names": ["x", "y"]
    }
  ]
}
== empty over two lines
-- before
{
	"syscalls": [
	]
}
-- edits
insert /syscalls 0 {"names":["a","b"],"action":"X"}
-- after
{
	"syscalls": [
		{
			"names": [
				"a",
				"b"
			],
			"action": "X"
		}
	]
}
== empty inside of one line
-- before
{
  "r": [
    {"names": ["a"], "args": []}
  ],
  "args": [
    1
  ]
}
-- edits
insert /r/0/args end {"index":0,"value":1}
member /r/0 k {"a":1}
-- after
{
  "r": [
    {"names": ["a"], "args": [{"index": 0, "value": 1}], "k": {"a": 1}}
  ],
  "args": [
    1
  ]
}
== empty document
-- before
{}
-- edits
member . a 1
member . b {"c":[]}
-- after
{"a":1,"b":{"c":[]}}
== empty document over two lines
-- before
{
}
-- edits
member . a 1
member . b {"c":[1]}
-- after
{
  "a": 1,
  "b": {
    "c": [
      1
    ]
  }
}
== a rule like its neighbours: in front
-- before
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		}
	]
}
-- edits
insert /syscalls 0 {"names":["x","y"],"action":"ERRNO","errnoRet":38,"args":[{"index":0,"value":18446744073709551615}],"excludes":{"caps":["C"]},"e":{}}
-- after
{
	"syscalls": [
		{
			"names": [
				"x",
				"y"
			],
			"action": "ERRNO",
			"errnoRet": 38,
			"args": [
				{
					"index": 0,
					"value": 18446744073709551615
				}
			],
			"excludes": {
				"caps": [
					"C"
				]
			},
			"e": {}
		},
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		}
	]
}
== a rule like its neighbours: between and at the end
-- before
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		}
	]
}
-- edits
insert /syscalls 1 {"names":["m"],"args":[]}
insert /syscalls end {"names":["z"]}
-- after
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"m"
			],
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		},
		{
			"names": [
				"z"
			]
		}
	]
}
== names on one line in rules of many
-- before
{
    "syscalls": [
        {
            "names": ["a", "b"],
            "action": "X"
        }
    ]
}
-- edits
insert /syscalls end {"names":["x","y"],"action":"ERRNO","errnoRet":38,"args":[{"index":0,"value":18446744073709551615}],"excludes":{"caps":["C"]},"e":{}}
-- after
{
    "syscalls": [
        {
            "names": ["a", "b"],
            "action": "X"
        },
        {
            "names": ["x", "y"],
            "action": "ERRNO",
            "errnoRet": 38,
            "args": [
                {
                    "index": 0,
                    "value": 18446744073709551615
                }
            ],
            "excludes": {
                "caps": ["C"]
            },
            "e": {}
        }
    ]
}
== rules of one line each
-- before
{
  "syscalls": [
    {"names": ["a"], "action": "X"},
    { "names": ["b"], "action": "X" }
  ]
}
-- edits
insert /syscalls 1 {"names":["m","n"],"action":"X"}
insert /syscalls end {"names":["z"],"action":"X"}
insert /syscalls 0 {"names":["0"],"action":"X"}
-- after
{
  "syscalls": [
    {"names": ["0"], "action": "X"},
    {"names": ["a"], "action": "X"},
    { "names": ["m", "n"], "action": "X" },
    { "names": ["b"], "action": "X" },
    { "names": ["z"], "action": "X" }
  ]
}
== rules that begin where the last one ends
-- before
{
  "syscalls": [{
    "names": ["a"],
    "action": "X"
  }, {
    "names": ["b"],
    "action": "X"
  }]
}
-- edits
insert /syscalls 0 {"names":["0"],"action":"X"}
insert /syscalls 1 {"names":["m"],"action":"X"}
insert /syscalls end {"names":["z"],"action":"X"}
-- after
{
  "syscalls": [{
    "names": ["0"],
    "action": "X"
  }, {
    "names": ["a"],
    "action": "X"
  }, {
    "names": ["m"],
    "action": "X"
  }, {
    "names": ["b"],
    "action": "X"
  }, {
    "names": ["z"],
    "action": "X"
  }]
}
== wrapped names: a new rule wraps too
-- before
[
  {
    "names": [
      "aaaaaaaa", "bbbbbbbb",
      "cccccccc", "dddddddd"
    ]
  }
]
-- edits
insert . end {"names":["eeeeeeee","ffffffff","gggggggg","h","i"]}
-- after
[
  {
    "names": [
      "aaaaaaaa", "bbbbbbbb",
      "cccccccc", "dddddddd"
    ]
  },
  {
    "names": [
      "eeeeeeee", "ffffffff",
      "gggggggg", "h", "i"
    ]
  }
]
== all on one line
-- before
{"syscalls":[{"names":["a"],"action":"X"}]}
-- edits
insert /syscalls end {"names":["x","y"],"action":"ERRNO","errnoRet":38,"args":[{"index":0,"value":18446744073709551615}],"excludes":{"caps":["C"]},"e":{}}
member . flags ["F"]
-- after
{"syscalls":[{"names":["a"],"action":"X"},{"names":["x","y"],"action":"ERRNO","errnoRet":38,"args":[{"index":0,"value":18446744073709551615}],"excludes":{"caps":["C"]},"e":{}}],"flags":["F"]}
== member behind the last
-- before
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		}
	]
}
-- edits
member . defaultErrnoRet 1
member /syscalls/1 args [{"index":1}]
member /syscalls/0 comment "c"
-- after
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": [],
			"comment": "c"
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW",
			"args": [
				{
					"index": 1
				}
			]
		}
	],
	"defaultErrnoRet": 1
}
== member of an object on one line
-- before
{
  "args": [
    {"index" :0, "value" :1}
  ]
}
-- edits
member /args/0 op "EQ"
-- after
{
  "args": [
    {"index" :0, "value" :1, "op" :"EQ"}
  ]
}
== take out the first, one in the middle, the last
-- before
["a", "b", "c", "d", "e"]
-- edits
remove /0
remove /2
remove /4
-- after
["b", "d"]
== take out the first, one in the middle, the last line
-- before
[
  "a",
  "b",
  "c",
  "d",
  "e"
]
-- edits
remove /0
remove /2
remove /4
-- after
[
  "b",
  "d"
]
== take out two at the end
-- before
[
  "a",
  "b",
  "c"
]
-- edits
remove /1
remove /2
-- after
[
  "a"
]
== take out the only one
-- before
{
  "a": [
    "x"
  ],
  "b": { "y": 1 }
}
-- edits
remove /a/0
remove /b/y
-- after
{
  "a": [],
  "b": {}
}
== take out all
-- before
{
  "a": [
    "x",
    "y"
  ]
}
-- edits
remove /a/0
remove /a/1
-- after
{
  "a": []
}
== take out all and put in others
-- before
{
  "a": [
    "x",
    "y"
  ]
}
-- edits
remove /a/0
remove /a/1
insert /a 1 "n"
insert /a end "m"
-- after
{
  "a": [
    "n",
    "m"
  ]
}
== members out: first, middle, last
-- before
{
  "a": 1,
  "b": [
    2
  ],
  "c": 3,
  "d": 4,
  "e": 5
}
-- edits
remove /a
remove /c
remove /e
-- after
{
  "b": [
    2
  ],
  "d": 4
}
== the last one out, a new one in: one line
-- before
{
	"names": [
		"a",
		"c"
	]
}
-- edits
remove /names/1
insert /names end "z"
-- after
{
	"names": [
		"a",
		"z"
	]
}
== replace a scalar, a list, an object
-- before
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		}
	]
}
-- edits
replace /syscalls/0/action "KILL"
replace /syscalls/1/names ["n","m"]
replace /syscalls/0/args [{"index":0,"value":0}]
-- after
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "KILL",
			"args": [
				{
					"index": 0,
					"value": 0
				}
			]
		},
		{
			"names": [
				"n",
				"m"
			],
			"action": "ALLOW"
		}
	]
}
== replace the whole document
-- before
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		}
	]
}
-- edits
replace . {"syscalls":[{"names":["q"]}],"x":[]}
-- after
{
	"syscalls": [
		{
			"names": [
				"q"
			]
		}
	],
	"x": []
}
== replace a scalar by a container
-- before
{
  "a": 1,
  "b": [1, 2]
}
-- edits
replace /a {"x":[3,4]}
-- after
{
  "a": {
    "x": [3, 4]
  },
  "b": [1, 2]
}
== move to another list
-- before
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		}
	]
}
-- edits
move /syscalls/0/names/0 /syscalls/1/names 0
-- after
{
	"syscalls": [
		{
			"names": [],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"a",
				"b"
			],
			"action": "ALLOW"
		}
	]
}
== move within a list
-- before
["a", "b", "c"]
-- edits
move /0 . end
move /2 . 0
-- after
["c", "b", "a"]
== move out of a rule that goes
-- before
{
	"syscalls": [
		{
			"names": [
				"a"
			],
			"action": "ALLOW",
			"args": []
		},
		{
			"names": [
				"b"
			],
			"action": "ALLOW"
		}
	]
}
-- edits
move /syscalls/1/names/0 /syscalls/0/names end
remove /syscalls/1
-- after
{
	"syscalls": [
		{
			"names": [
				"a",
				"b"
			],
			"action": "ALLOW",
			"args": []
		}
	]
}
== move a member's value into a list
-- before
{
  "name": "x",
  "names": [
    "a"
  ]
}
-- edits
move /name /names 0
-- after
{
  "names": [
    "x",
    "a"
  ]
}
== move an object: it is written anew
-- before
{"a": [{ "x" : 1 }], "b": [
  {
    "y": 2
  }
]}
-- edits
move /a/0 /b 0
-- after
{"a": [], "b": [
  {
    "x": 1
  },
  {
    "y": 2
  }
]}
== bytes that stay: escapes, numbers, blanks
-- before
{ "a\/b" :1e3 ,"x":[ 0.10, 18446744073709551616 , "\u00e9é\ud800" ],
"k":	{  }}
-- edits
insert /x end 1
remove /a~1b
-- after
{ "x":[ 0.10, 18446744073709551616 , "\u00e9é\ud800", 1 ],
"k":	{  }}
== keys with ~ and /
-- before
{"a/b": {"c~d": [1]}}
-- edits
insert /a~1b/c~0d 0 0
member /a~1b x~/y 1
-- after
{"a/b": {"c~d": [0, 1], "x~/y": 1}}
== blanks around the document stay
-- before

  [1]



-- edits
insert . end 2
-- after

  [1,2]



== duplicate keys: the last one counts
-- before
{"a": {"x": 1}, "a": {"x": 2}, "A": 1}
-- edits
replace /a/x 3
remove /A
-- after
{"a": {"x": 1}, "a": {"x": 3}}
== duplicate keys: taking out one would bring back the other
-- before
{"a": {"x": 1}, "a": {"x": 2}, "A": 1}
-- edits
remove /a
-- error
line 1:22: /a: the member's key stands twice; remove one by hand first
== a value twice
-- before
[1, 2]
-- edits
replace /0 3
remove /0
-- error
line 1:2: /0: two edits change the same value
== into what goes
-- before
{"a": [1]}
-- edits
insert /a 0 2
remove /a
-- error
line 1:7: /a: another edit removes, replaces or moves its parent
== below what is replaced
-- before
{"a": {"b": 1}}
-- edits
replace /a {}
replace /a/b 2
-- error
line 1:13: /a/b: another edit removes, replaces or moves its parent
== out of what is replaced
-- before
{"a": [1], "b": []}
-- edits
replace /a []
move /a/0 /b 0
-- error
line 1:8: /a/0: another edit removes, replaces or moves its parent
== moved twice
-- before
{"a": [1], "b": []}
-- edits
move /a/0 /b 0
move /a/0 /b 0
-- error
line 1:8: /a/0: two edits change the same value
== moved into itself
-- before
[[1]]
-- edits
move /0 /0 0
-- error
line 1:2: /0: another edit removes, replaces or moves its parent
== member that is there
-- before
{"a": 1}
-- edits
member . a 2
-- error
line 1:1: member "a" exists already
== member twice
-- before
{}
-- edits
member . a 2
member . a 3
-- error
line 1:1: two edits add member "a"
== past the end
-- before
{"a": [1]}
-- edits
insert /a 2 2
-- error
line 1:7: /a: index 2 is past the end of the array
== element of an object
-- before
{"a": 1}
-- edits
insert . 0 2
-- error
line 1:1: an element can only go into an array
== member of an array
-- before
[]
-- edits
member . a 2
-- error
line 1:1: a member can only go into an object
== the whole document can not go
-- before
[1]
-- edits
remove .
-- error
line 1:1: the whole document can not be removed
== value that is no JSON
-- before
[1]
-- edits
insert . 0 {"a":1,}
-- error
new value is not JSON: trailing comma before '}'; Go's loader refuses it too
== too deep
-- before
[1]
-- edits
insert . 0 [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
-- error
line 1:1: with the new value, arrays and objects nest deeper than 64
