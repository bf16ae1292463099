package service

import (
	"log/slog"
	"reflect"
	"time"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// A Variable is one of the environment that the service reads.
type Variable struct {
	Name        string
	Type        string // string, bool, duration (as in "10s"), or list (separated by commas)
	Default     string
	Description string
}

// Variables are all that [ReadConfig] reads, in the order of [Config].
func Variables() []Variable {
	var variables []Variable
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		variables = append(variables, Variable{
			Name: field.Tag.Get("env"), Type: typeNames[field.Type], Default: field.Tag.Get("envDefault"), Description: field.Tag.Get("help"),
		})
	}
	return variables
}

var typeNames = map[reflect.Type]string{
	reflect.TypeFor[string]():              "string",
	reflect.TypeFor[bool]():                "bool",
	reflect.TypeFor[time.Duration]():       "duration",
	reflect.TypeFor[[]string]():            "list",
	reflect.TypeFor[slog.Level]():          "string",
	reflect.TypeFor[telemetry.LogFormat](): "string",
}
