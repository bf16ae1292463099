package conformance

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// A Case is a few requests, one after the other, with the answers that AWS gives. Requests
// and answers are JSON as on the wire. Before a request is sent these are replaced:
//
//	@hash, @range, …  the shared tables of fixtures.go
//	$id               a text that is this case's own: cases use it for keys in shared tables
//	$own              the name of a table that this case may create; it is deleted at the end
//	$name             what an earlier answer was captured as (below)
//	{{n}}             n times the letter x
//
// A wanted answer has to be the whole answer. In it these stand for more than themselves:
//
//	"*"                 anything
//	"~regexp"           a text, or number, that matches
//	"=name"             anything, captured as $name
//	{"...": true, …}    an object that may have more members
//	["any order", …]    a list in whatever order; sets have none anyway
type Case struct {
	name  string
	steps []Step
	line  string
}

// A Step is a request and the answer to it.
type Step struct {
	operation string
	request   string
	want      string // JSON of the answer, or of the error's body
	exception string // its name; empty: the request succeeds
	message   string // "~…" is a regular expression, empty is any
	header    string // one that the answer must have
	exact     bool   // "message" and "Message" are two
	patient   bool   // asked again until the answer is right
}

// of makes a case, which remembers the line of the list in which it stands.
func of(name string, steps ...Step) Case {
	c := Case{name: name, steps: steps}
	callers := make([]uintptr, 16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		frame, more := frames.Next()
		c.line = fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		if !more || strings.HasSuffix(frame.Function, "conformance.init") {
			return c
		}
	}
}

// answers is a request that succeeds.
func answers(operation, request, want string) Step {
	return Step{operation: operation, request: request, want: want}
}

// becomes is a request that succeeds with the answer in the end: the states of tables and
// indexes take their time.
func becomes(operation, request, want string) Step {
	return Step{operation: operation, request: request, want: want, patient: true}
}

// fails is a request that is refused, with "Exception: message".
func fails(operation, request, failure string) Step {
	exception, message, _ := strings.Cut(failure, ": ")
	return Step{operation: operation, request: request, exception: exception, message: message}
}

// invalid is a request that is refused with a ValidationException.
func invalid(operation, request, message string) Step {
	return Step{operation: operation, request: request, exception: "ValidationException", message: message}
}

// with says what else the body of the error has.
func (s Step) with(body string) Step {
	s.want = body
	return s
}

// put stores an item.
func put(table, item string) Step {
	return answers("PutItem", `{"TableName":"`+table+`","Item":`+item+`}`, `{}`)
}

// has reads an item that has to be there.
func has(table, key, item string) Step {
	return answers("GetItem", `{"TableName":"`+table+`","ConsistentRead":true,"Key":`+key+`}`, `{"Item":`+item+`}`)
}

// gone reads an item of @hash that must not be there.
func gone(key string) Step {
	return answers("GetItem", `{"TableName":"@hash","ConsistentRead":true,"Key":`+key+`}`, `{}`)
}

// active waits for a table, and its indexes, to be ready.
func active(table string) Step {
	return becomes("DescribeTable", `{"TableName":"`+table+`"}`, `{"Table":{"...":true,"TableStatus":"ACTIVE"}}`)
}
