package tilttest_test

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.yaml.in/yaml/v3"
)

// These take what Tilt takes: a string, or a list of strings.

type stringList []string

func (l *stringList) Unpack(value starlark.Value) error {
	switch value := value.(type) {
	case starlark.NoneType:
		return nil
	case starlark.String:
		*l = []string{string(value)}
		return nil
	case starlark.Sequence:
		for element := range starlark.Elements(value) {
			text, ok := starlark.AsString(element)
			if !ok {
				return fmt.Errorf("got %s in a list of strings", element.Type())
			}
			*l = append(*l, text)
		}
		return nil
	}
	return fmt.Errorf("got %s, want string or list of strings", value.Type())
}

// strictList does not take a single string.
type strictList []string

func (l *strictList) Unpack(value starlark.Value) error {
	if _, ok := value.(starlark.String); ok {
		return errors.New("got string, want list of strings")
	}
	return (*stringList)(l).Unpack(value)
}

// stringDict takes a dictionary of strings to strings.
type stringDict map[string]string

func (d *stringDict) Unpack(value starlark.Value) error {
	dict, ok := value.(*starlark.Dict)
	if !ok {
		return fmt.Errorf("got %s, want dict", value.Type())
	}
	*d = stringDict{}
	for _, item := range dict.Items() {
		key, ok := starlark.AsString(item[0])
		text, ok2 := starlark.AsString(item[1])
		if !ok || !ok2 {
			return fmt.Errorf("got %s: %s, want strings", item[0], item[1])
		}
		(*d)[key] = text
	}
	return nil
}

// A tagged value is one that only the function of that name makes.
type tagged struct{ kind, text string }

func (t tagged) String() string        { return t.text }
func (t tagged) Type() string          { return t.kind }
func (t tagged) Freeze()               {}
func (t tagged) Truth() starlark.Bool  { return true }
func (t tagged) Hash() (uint32, error) { return starlark.String(t.text).Hash() }

// blobText takes what encode_yaml makes: Tilt takes paths as well, which this project has
// no use for.
type blobText string

func (b *blobText) Unpack(value starlark.Value) error {
	made, ok := value.(tagged)
	if !ok || made.kind != blob {
		return fmt.Errorf("got %s, want blob", value.Type())
	}
	*b = blobText(made.text)
	return nil
}

type taggedList struct {
	kind   string
	values []string
}

func (l *taggedList) Unpack(value starlark.Value) error {
	if single, ok := value.(tagged); ok {
		value = starlark.NewList([]starlark.Value{single})
	}
	list, ok := value.(*starlark.List)
	if !ok {
		return fmt.Errorf("got %s, want list of %s", value.Type(), l.kind)
	}
	for element := range starlark.Elements(list) {
		made, ok := element.(tagged)
		if !ok || made.kind != l.kind {
			return fmt.Errorf("got %s in a list of %s", element.Type(), l.kind)
		}
		l.values = append(l.values, made.text)
	}
	return nil
}

func link(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var url, name string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "url", &url, "name?", &name); err != nil {
		return nil, err
	}
	return tagged{"link", url}, nil
}

func httpGetAction(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	host, scheme, path := "localhost", "http", ""
	var port int
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "port", &port, "host?", &host, "scheme?", &scheme, "path?", &path); err != nil {
		return nil, err
	}
	return tagged{"http_get_action", fmt.Sprintf("%s://%s:%d%s", scheme, host, port, path)}, nil
}

func probe(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var initialDelay, timeout, period, success, failure int
	var exec, httpGet, tcp starlark.Value
	if err := starlark.UnpackArgs(b.Name(), args, kwargs,
		"initial_delay_secs?", &initialDelay, "timeout_secs?", &timeout, "period_secs?", &period,
		"success_threshold?", &success, "failure_threshold?", &failure,
		"exec?", &exec, "http_get?", &httpGet, "tcp_socket?", &tcp); err != nil {
		return nil, err
	}
	action, ok := httpGet.(tagged)
	if !ok || action.kind != "http_get_action" {
		return nil, errors.New("probe: http_get is no http_get_action")
	}
	return tagged{"probe", action.text}, nil
}

func (f *tiltfile) add(name string, r *resource) error {
	if f.resources[name] != nil {
		return fmt.Errorf("there are two resources %s", name)
	}
	f.resources[name] = r
	return nil
}

func (f *tiltfile) dockerCompose(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var content blobText
	var envFile, projectName string
	var profiles stringList
	var wait bool
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "configPaths", &content, "env_file?", &envFile,
		"project_name?", &projectName, "profiles?", &profiles, "wait?", &wait); err != nil {
		return nil, err
	}
	if !wait {
		return nil, errors.New("docker_compose: without wait=True, what depends on a service does not wait until it is healthy")
	}
	f.compose = &composeFile{}
	if err := yaml.Unmarshal([]byte(content), f.compose); err != nil {
		return nil, err
	}
	if projectName != f.compose.Name {
		return nil, fmt.Errorf("docker_compose: the project is %q, and `docker compose` calls it %q", projectName, f.compose.Name)
	}
	for name, service := range f.compose.Services {
		r := &resource{}
		for dependency := range service.DependsOn {
			r.deps = append(r.deps, dependency)
		}
		if service.Build != nil {
			return nil, fmt.Errorf("docker_compose: %s would be built by the Dockerfile", name)
		}
		if err := f.add(name, r); err != nil {
			return nil, err
		}
	}
	return starlark.None, nil
}

func (f *tiltfile) dcResource(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name, image, projectName, newName string
	var triggerMode starlark.Value
	var deps, labels stringList
	links := taggedList{kind: "link"}
	autoInit, inferLinks := true, true
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &name, "image?", &image, "trigger_mode?", &triggerMode,
		"resource_deps?", (*strictList)(&deps), "links?", &links, "labels?", &labels, "auto_init?", &autoInit,
		"project_name?", &projectName, "new_name?", &newName, "infer_links?", &inferLinks); err != nil {
		return nil, err
	}
	r := f.resources[name]
	if r == nil || r.local {
		return nil, fmt.Errorf("dc_resource: no Docker Compose service %s", name)
	}
	r.deps, r.links, r.labels = append(r.deps, deps...), links.values, labels
	return starlark.None, nil
}

func (f *tiltfile) localResource(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name, dir, serveDir string
	var cmd, cmdBat, serve, serveBat, fileDeps, ignore, labels stringList
	var deps strictList
	var triggerMode starlark.Value
	var env, serveEnv stringDict
	var readiness starlark.Value = starlark.None
	links := taggedList{kind: "link"}
	autoInit, parallel := true, false
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &name, "cmd?", &cmd, "deps?", &fileDeps,
		"trigger_mode?", &triggerMode, "resource_deps?", &deps, "ignore?", &ignore, "auto_init?", &autoInit,
		"serve_cmd?", &serve, "cmd_bat?", &cmdBat, "serve_cmd_bat?", &serveBat, "allow_parallel?", &parallel,
		"links?", &links, "labels?", &labels, "env?", &env, "serve_env?", &serveEnv, "readiness_probe?", &readiness,
		"dir?", &dir, "serve_dir?", &serveDir); err != nil {
		return nil, err
	}
	r := &resource{local: true, command: cmd, deps: deps, links: links.values, labels: labels}
	if len(serve) > 0 {
		r.command, r.serve = serve, true
	}
	if readiness != starlark.None {
		made, ok := readiness.(tagged)
		if !ok || made.kind != "probe" {
			return nil, errors.New("local_resource: readiness_probe is no probe")
		}
		r.probe = made.text
	}
	return starlark.None, f.add(name, r)
}

func (f *tiltfile) customBuild(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var ref, commandBat, tag, outputs, dir string
	var line stringList
	var deps, ignore, entrypoint stringList
	var disablePush, skipsDocker, matchEnv bool
	var liveUpdate, imageDeps starlark.Value
	var env stringDict
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "ref", &ref, "command", &line, "deps", &deps, "tag?", &tag,
		"disable_push?", &disablePush, "skips_local_docker?", &skipsDocker, "live_update?", &liveUpdate,
		"match_in_env_vars?", &matchEnv, "ignore?", &ignore, "entrypoint?", &entrypoint, "command_bat?", &commandBat,
		"outputs_image_ref_to?", &outputs, "image_deps?", &imageDeps, "env?", &env, "dir?", &dir); err != nil {
		return nil, err
	}
	if liveUpdate != nil {
		return nil, errors.New("custom_build: live_update needs tar in the container, which has none")
	}
	text := strings.Join(line, " ")
	if !strings.Contains(text, "$EXPECTED_REF") {
		return nil, errors.New("custom_build: the command does not build $EXPECTED_REF, which Tilt looks for")
	}
	f.builds[ref] = build{text, deps}
	return starlark.None, nil
}

func (f *tiltfile) uiButton(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name, text, icon, svg string
	var labels, annotations, location stringDict
	var disabled, confirm bool
	var inputs *starlark.List
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &name, "labels?", &labels, "annotations?", &annotations,
		"location?", &location, "text?", &text, "icon_name?", &icon, "icon_svg?", &svg, "disabled?", &disabled,
		"requires_confirmation?", &confirm, "inputs?", &inputs); err != nil {
		return nil, err
	}
	for key := range location {
		if key != "component_type" && key != "component_id" {
			return nil, fmt.Errorf("ui_button: unexpected attribute name: %s", key)
		}
	}
	if location["component_type"] != "Resource" {
		return nil, fmt.Errorf("ui_button: %s is on a %q, where it would not be seen", name, location["component_type"])
	}
	f.buttons[name] = button{text, location["component_id"], confirm}
	return starlark.None, nil
}

func (f *tiltfile) cmd(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name, dir string
	var labels, annotations stringDict
	var arguments, env strictList
	var readiness, restartOn, disableSource starlark.Value
	var startOn *starlark.Dict
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &name, "labels?", &labels, "annotations?", &annotations,
		"args?", &arguments, "dir?", &dir, "env?", &env, "readiness_probe?", &readiness, "restart_on?", &restartOn,
		"start_on?", &startOn, "disable_source?", &disableSource); err != nil {
		return nil, err
	}
	c := command{arguments: arguments}
	if startOn != nil {
		for _, item := range startOn.Items() {
			if key, _ := starlark.AsString(item[0]); key != "ui_buttons" {
				return nil, fmt.Errorf("cmd: unexpected attribute name: %s", item[0])
			}
			if err := (*strictList)(&c.buttons).Unpack(item[1]); err != nil {
				return nil, err
			}
		}
	}
	if f.resources[annotations["tilt.dev/resource"]] == nil {
		return nil, fmt.Errorf("cmd: the output of %s would not be seen: its annotation tilt.dev/resource names no resource", name)
	}
	f.commands[name] = c
	return starlark.None, nil
}
