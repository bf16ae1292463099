// Package tilttest executes the Tiltfile. Where Tilt itself is missing it does so in a
// Starlark interpreter whose builtins have the names and types of Tilt's
// (https://docs.tilt.dev/api.html, version 0.37): what Tilt would refuse, they refuse, and
// what the Tiltfile declares is checked against compose.yaml and the commands it calls.
// Where `tilt` is on PATH, `tilt ci` runs as well; FALAFEL_TEST_TILT demands it.
package tilttest_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"
	"go.yaml.in/yaml/v3"
)

// A tiltfile is what a Tiltfile has declared.
type tiltfile struct {
	root    string
	environ map[string]string
	args    map[string]starlark.Value // of config
	defined map[string]string         // settings of config, with their types

	compose   *composeFile
	resources map[string]*resource // with those of compose, from docker_compose on
	builds    map[string]build     // by image
	buttons   map[string]button
	commands  map[string]command
}

type resource struct {
	local   bool
	command []string // what it runs, or serves
	serve   bool
	deps    []string
	links   []string // URLs
	labels  []string
	probe   string // the URL that tells readiness
}

type build struct {
	command string
	deps    []string
}

type button struct {
	text     string
	resource string
	confirm  bool
}

type command struct {
	arguments []string
	buttons   []string
}

type composeFile struct {
	Name     string
	Services map[string]struct {
		Image       string
		Ports       []string
		Volumes     []string
		Build       any
		Environment map[string]string
		DependsOn   map[string]any `yaml:"depends_on"`
	}
}

// execute runs the source as Tilt would, with the settings that follow `tilt up --`.
func execute(root, source string, args map[string]starlark.Value, environ map[string]string) (*tiltfile, error) {
	f := &tiltfile{
		root: root, args: args, environ: environ, defined: map[string]string{},
		resources: map[string]*resource{}, builds: map[string]build{}, buttons: map[string]button{}, commands: map[string]command{},
	}
	thread := &starlark.Thread{Name: "Tiltfile"}
	// Tilt allows what Python does at the top level.
	options := &syntax.FileOptions{TopLevelControl: true, GlobalReassign: true, Set: true, While: true, Recursion: true}
	if _, err := starlark.ExecFileOptions(options, thread, "Tiltfile", source, f.builtins()); err != nil {
		if evaluation, ok := errors.AsType[*starlark.EvalError](err); ok {
			return nil, errors.New(evaluation.Backtrace())
		}
		return nil, err
	}
	err := f.check()
	return f, err
}

// check refuses what Tilt refuses when it has read the file.
func (f *tiltfile) check() error {
	for name, r := range f.resources {
		for _, dep := range r.deps {
			if f.resources[dep] == nil {
				return fmt.Errorf("resource %s depends on %s, which does not exist", name, dep)
			}
		}
	}
	for name := range f.args {
		if f.defined[name] == "" {
			return fmt.Errorf("unknown flag: --%s", name)
		}
	}
	for name, b := range f.buttons {
		if f.resources[b.resource] == nil {
			return fmt.Errorf("button %s is on %s, which does not exist", name, b.resource)
		}
	}
	for name, c := range f.commands {
		for _, b := range c.buttons {
			if _, ok := f.buttons[b]; !ok {
				return fmt.Errorf("command %s starts on the button %s, which does not exist", name, b)
			}
		}
	}
	images := map[string]bool{}
	if f.compose != nil {
		for _, service := range f.compose.Services {
			images[service.Image] = true
		}
	}
	for image := range f.builds {
		if !images[image] {
			return fmt.Errorf("image %s is built, and no resource uses it", image)
		}
	}
	return nil
}

// A builtin is a function of Tilt's.
type builtin = func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

func module(name string, members map[string]builtin) *starlarkstruct.Module {
	m := &starlarkstruct.Module{Name: name, Members: starlark.StringDict{}}
	for member, function := range members {
		m.Members[member] = starlark.NewBuiltin(name+"."+member, function)
	}
	return m
}

func (f *tiltfile) builtins() starlark.StringDict {
	predeclared := starlark.StringDict{
		"os": module("os", map[string]builtin{"getenv": f.getenv, "putenv": f.putenv, "getcwd": f.getcwd}),
		"config": module("config", map[string]builtin{
			"define_string": f.define("string"), "define_bool": f.define("bool"), "parse": f.parse,
		}),
		"v1alpha1": module("v1alpha1", map[string]builtin{"ui_button": f.uiButton, "cmd": f.cmd}),
	}
	for name, function := range map[string]builtin{
		"analytics_settings": f.analyticsSettings,
		"fail":               fail,
		"link":               link,
		"read_yaml":          f.readYAML,
		"encode_yaml":        encodeYAML,
		"docker_compose":     f.dockerCompose,
		"dc_resource":        f.dcResource,
		"local_resource":     f.localResource,
		"custom_build":       f.customBuild,
		"probe":              probe,
		"http_get_action":    httpGetAction,
	} {
		predeclared[name] = starlark.NewBuiltin(name, function)
	}
	return predeclared
}

func (f *tiltfile) getenv(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key string
	var fallback starlark.Value = starlark.None
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "key", &key, "default?", &fallback); err != nil {
		return nil, err
	}
	if value, ok := f.environ[key]; ok {
		return starlark.String(value), nil
	}
	return fallback, nil
}

func (f *tiltfile) putenv(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key, value string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "key", &key, "value", &value); err != nil {
		return nil, err
	}
	f.environ[key] = value
	return starlark.None, nil
}

func (f *tiltfile) getcwd(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	return starlark.String(f.root), starlark.UnpackArgs(b.Name(), args, kwargs)
}

func (f *tiltfile) define(kind string) builtin {
	return func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var name, usage string
		var positional bool
		if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &name, "args?", &positional, "usage?", &usage); err != nil {
			return nil, err
		}
		f.defined[name] = kind
		return starlark.None, nil
	}
}

func (f *tiltfile) parse(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := starlark.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	parsed := &starlark.Dict{}
	for name, value := range f.args {
		if value.Type() != f.defined[name] {
			return nil, fmt.Errorf("invalid argument %s for --%s, which is %q", value, name, f.defined[name])
		}
		if err := parsed.SetKey(starlark.String(name), value); err != nil {
			return nil, err
		}
	}
	return parsed, nil
}

func (f *tiltfile) analyticsSettings(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var enable bool
	return starlark.None, starlark.UnpackArgs(b.Name(), args, kwargs, "enable", &enable)
}

func fail(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var message string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "msg", &message); err != nil {
		return nil, err
	}
	return nil, errors.New(message)
}

func (f *tiltfile) readYAML(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var path string
	var fallback starlark.Value
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "paths", &path, "default?", &fallback); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(f.root, path))
	if err != nil {
		return nil, err
	}
	var decoded any
	if err := yaml.Unmarshal(content, &decoded); err != nil {
		return nil, err
	}
	return toStarlark(decoded)
}

// blob is the kind of a text that Tilt does not take for a path.
const blob = "blob"

func encodeYAML(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var object starlark.Value
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "obj", &object); err != nil {
		return nil, err
	}
	decoded, err := fromStarlark(object)
	if err != nil {
		return nil, err
	}
	content, err := yaml.Marshal(decoded)
	return tagged{blob, string(content)}, err
}

func toStarlark(value any) (starlark.Value, error) {
	switch value := value.(type) {
	case nil:
		return starlark.None, nil
	case bool:
		return starlark.Bool(value), nil
	case int:
		return starlark.MakeInt(value), nil
	case string:
		return starlark.String(value), nil
	case []any:
		list := make([]starlark.Value, len(value))
		for i, element := range value {
			var err error
			if list[i], err = toStarlark(element); err != nil {
				return nil, err
			}
		}
		return starlark.NewList(list), nil
	case map[string]any:
		dict := &starlark.Dict{}
		for key, element := range value {
			converted, err := toStarlark(element)
			if err != nil {
				return nil, err
			}
			if err := dict.SetKey(starlark.String(key), converted); err != nil {
				return nil, err
			}
		}
		return dict, nil
	}
	return nil, fmt.Errorf("YAML has a %T", value)
}

func fromStarlark(value starlark.Value) (any, error) {
	switch value := value.(type) {
	case starlark.NoneType:
		return nil, nil
	case starlark.Bool:
		return bool(value), nil
	case starlark.Int:
		number, _ := value.Int64()
		return number, nil
	case starlark.String:
		return string(value), nil
	case *starlark.List:
		list := make([]any, value.Len())
		for i := range list {
			var err error
			if list[i], err = fromStarlark(value.Index(i)); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *starlark.Dict:
		object := map[string]any{}
		for _, item := range value.Items() {
			key, ok := starlark.AsString(item[0])
			converted, err := fromStarlark(item[1])
			if !ok || err != nil {
				return nil, errors.Join(fmt.Errorf("%s is no key of YAML's", item[0]), err)
			}
			object[key] = converted
		}
		return object, nil
	}
	return nil, fmt.Errorf("%s does not become YAML", value.Type())
}

// read is the Tiltfile of this project.
func read(t *testing.T, root string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "Tiltfile"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}
