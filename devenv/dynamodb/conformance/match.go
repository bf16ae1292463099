package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// match compares an answer with what is wanted, in the language of [Case].
func (r *run) match(path string, got, want any) error {
	switch want := want.(type) {
	case string:
		return r.matchString(path, got, want)
	case json.Number:
		number, ok := got.(json.Number)
		if !ok || !sameNumber(number, want) {
			return fmt.Errorf("%s is %v, want %v", path, got, want)
		}
		return nil
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is %v, want an object", path, got)
		}
		return r.matchObject(path, object, want)
	case []any:
		list, ok := got.([]any)
		if !ok {
			return fmt.Errorf("%s is %v, want a list", path, got)
		}
		if len(want) > 0 && want[0] == "any order" {
			return r.matchUnordered(path, list, want[1:])
		}
		if len(list) != len(want) {
			return fmt.Errorf("%s has %d elements, want %d", path, len(list), len(want))
		}
		for i := range want {
			if err := r.match(fmt.Sprintf("%s[%d]", path, i), list[i], want[i]); err != nil {
				return err
			}
		}
		return nil
	default:
		if got != want {
			return fmt.Errorf("%s is %v, want %v", path, got, want)
		}
		return nil
	}
}

func (r *run) matchString(path string, got any, want string) error {
	if want == "*" {
		return nil
	}
	if name, ok := strings.CutPrefix(want, "="); ok {
		r.texts["$"+name] = fmt.Sprint(got)
		return nil
	}
	if strings.HasPrefix(want, "~") {
		if got == nil || !matchText(fmt.Sprint(got), want) {
			return fmt.Errorf("%s is %v, want %s", path, got, want)
		}
		return nil
	}
	if got != want {
		return fmt.Errorf("%s is %v, want %q", path, got, want)
	}
	return nil
}

func (r *run) matchObject(path string, got, want map[string]any) error {
	_, more := want["..."]
	for _, name := range slices.Sorted(maps.Keys(want)) {
		value := want[name]
		if name == "..." {
			continue
		}
		member, ok := got[name]
		if !ok {
			return fmt.Errorf("%s.%s is missing", path, name)
		}
		if list, isList := value.([]any); isList && (name == "SS" || name == "NS" || name == "BS") {
			value = append([]any{"any order"}, list...)
		}
		if err := r.match(path+"."+name, member, value); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok && !more {
			return fmt.Errorf("%s.%s is %v, and should not be there", path, name, got[name])
		}
	}
	return nil
}

// matchUnordered takes the first that fits, which is enough for wants without overlap.
func (r *run) matchUnordered(path string, got, want []any) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s has %d elements, want %d", path, len(got), len(want))
	}
	left := append([]any(nil), got...)
next:
	for _, wanted := range want {
		for i, element := range left {
			if r.match(path, element, wanted) == nil {
				left = append(left[:i:i], left[i+1:]...)
				continue next
			}
		}
		text, _ := json.Marshal(wanted)
		return fmt.Errorf("%s has no element %s", path, text)
	}
	return nil
}

func matchText(got, want string) bool {
	if pattern, ok := strings.CutPrefix(want, "~"); ok {
		matched, err := regexp.MatchString("(?s)^(?:"+pattern+")$", got)
		return err == nil && matched
	}
	return got == want
}

func sameNumber(a, b json.Number) bool {
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && x == y
}
