package expression

import (
	"maps"
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// The failures of updates that depend on the item.
func missingOperand() error {
	return exception.Validation("The provided expression refers to an attribute that does not exist in the item")
}

func wrongOperand() error {
	return exception.Validation("An operand in the update expression has an incorrect data type")
}

func wrongPath() error {
	return exception.Validation("The document path provided in the update expression is invalid for update")
}

// An edit is what becomes of a value: another one, or nothing.
type edit struct {
	path  Path
	value attribute.Value // nil: removed
}

// Apply returns what an item becomes; nil is an item that is not there. The item and its
// values are not changed: what differs is copied. Everything refers to the item as it was,
// list indexes too.
func (u *Update) Apply(item attribute.Item) (attribute.Item, error) {
	if u == nil {
		return item, nil
	}
	edits, err := u.edits(item)
	if err != nil {
		return nil, err
	}
	nested := false
	updated := make(attribute.Item, len(item)+len(edits))
	maps.Copy(updated, item)
	for _, e := range edits {
		name := e.path[0].Name
		switch {
		case len(e.path) > 1:
			nested = true
		case e.value == nil:
			delete(updated, name)
		default:
			updated[name] = e.value
		}
	}
	if !nested {
		return updated, nil
	}
	return updated, editNested(updated, edits)
}

// edits evaluates the actions. What is wrong with values is told before what is wrong with
// paths, and what SET sets is evaluated first.
func (u *Update) edits(item attribute.Item) ([]edit, error) {
	edits := make([]edit, 0, len(u.actions))
	var misplaced error
	for _, set := range [...]bool{true, false} {
		for i := range u.actions {
			a := &u.actions[i]
			if set != (a.section == sectionSet) {
				continue
			}
			value, changed, err := u.outcome(a, item)
			if err != nil {
				return nil, err
			}
			if changed {
				edits = append(edits, edit{path: a.path, value: value})
			} else if misplaced == nil && len(a.path) > 1 {
				misplaced = hasParent(a.path, item)
			}
		}
	}
	return edits, misplaced
}

// editNested makes the edits below an item's attributes, whose map is the caller's own.
func editNested(item attribute.Item, edits []edit) error {
	groups := map[string][]edit{}
	for _, e := range edits {
		if len(e.path) > 1 {
			groups[e.path[0].Name] = append(groups[e.path[0].Name], edit{path: e.path[1:], value: e.value})
		}
	}
	for name, group := range groups {
		value, err := edited(item[name], group)
		if err != nil {
			return err
		}
		item[name] = value
	}
	return nil
}

// edited returns a copy of a map or list with edits made in it.
func edited(value attribute.Value, edits []edit) (attribute.Value, error) {
	groups := map[Element][]edit{}
	for _, e := range edits {
		groups[e.path[0]] = append(groups[e.path[0]], edit{path: e.path[1:], value: e.value})
	}
	change := func(e Element, group []edit) (attribute.Value, error) {
		if len(group) == 1 && len(group[0].path) == 0 {
			return group[0].value, nil
		}
		return edited(e.in(value), group)
	}
	switch v := value.(type) {
	case attribute.Map:
		return editedMap(v, groups, change)
	case attribute.List:
		return editedList(v, groups, change)
	default:
		return nil, wrongPath()
	}
}

type changes = func(Element, []edit) (attribute.Value, error)

func editedMap(m attribute.Map, groups map[Element][]edit, change changes) (attribute.Value, error) {
	m = maps.Clone(m)
	for element, group := range groups {
		if element.IsIndex {
			return nil, wrongPath()
		}
		value, err := change(element, group)
		if err != nil {
			return nil, err
		}
		if value == nil {
			delete(m, element.Name)
		} else {
			m[element.Name] = value
		}
	}
	return m, nil
}

// editedList appends what has an index behind the list's end, in the order of indexes.
func editedList(l attribute.List, groups map[Element][]edit, change changes) (attribute.Value, error) {
	list := slices.Clone(l)
	indexes := make([]int, 0, len(groups))
	for element := range groups {
		if !element.IsIndex {
			return nil, wrongPath()
		}
		indexes = append(indexes, element.Index)
	}
	slices.Sort(indexes)
	for _, i := range indexes {
		element := Element{Index: i, IsIndex: true}
		value, err := change(element, groups[element])
		if err != nil {
			return nil, err
		}
		if i < len(l) {
			list[i] = value
		} else if value != nil {
			list = append(list, value)
		}
	}
	return slices.DeleteFunc(list, func(v attribute.Value) bool { return v == nil }), nil
}

// outcome returns what an action makes of its target: nil removes it.
func (u *Update) outcome(a *action, item attribute.Item) (value attribute.Value, changed bool, err error) {
	switch a.section {
	case sectionSet:
		value, err := a.value.result(item)
		return value, true, err
	case sectionRemove:
		return nil, true, nil
	default: // ADD and DELETE go on below
	}
	old, operand := a.path.in(item), a.value.value
	if old == nil {
		return operand, a.section == sectionAdd, nil
	}
	if old.Type() != operand.Type() {
		if u.older {
			return nil, false, exception.Validation("Type mismatch for attribute to update")
		}
		return nil, false, wrongOperand()
	}
	if a.section == sectionDelete {
		return without(old, operand), true, nil
	}
	value, err = added(old, operand)
	return value, true, err
}

// hasParent checks that there is something in which a path's target can be.
func hasParent(path Path, item attribute.Item) error {
	last := path[len(path)-1]
	switch path[:len(path)-1].in(item).(type) {
	case attribute.Map:
		if !last.IsIndex {
			return nil
		}
	case attribute.List:
		if last.IsIndex {
			return nil
		}
	default:
	}
	return wrongPath()
}

// result returns the value that SET sets.
func (o *operand) result(item attribute.Item) (attribute.Value, error) {
	switch {
	case o.value != nil:
		return o.value, nil
	case o.path != nil:
		if value := o.path.in(item); value != nil {
			return value, nil
		}
		return nil, missingOperand()
	}
	arguments := o.call.arguments
	if o.call.name == functionIfNotExists {
		otherwise, err := arguments[1].result(item) // which must be there, needed or not
		if err != nil {
			return nil, err
		}
		if value := arguments[0].path.in(item); value != nil {
			return value, nil
		}
		return otherwise, nil
	}
	first, err := arguments[0].result(item)
	if err != nil {
		return nil, err
	}
	second, err := arguments[1].result(item)
	if err != nil {
		return nil, err
	}
	if o.call.name == functionListAppend {
		head, ok := first.(attribute.List)
		tail, okTail := second.(attribute.List)
		if !ok || !okTail {
			return nil, wrongOperand()
		}
		return slices.Concat(head, tail), nil
	}
	x, ok := first.(attribute.Number)
	y, okY := second.(attribute.Number)
	if !ok || !okY {
		return nil, wrongOperand()
	}
	if o.call.name == operatorPlus {
		return number(x.Add(y))
	}
	return number(x.Subtract(y))
}

// number keeps a failure from becoming a value.
func number(n attribute.Number, err error) (attribute.Value, error) {
	if err != nil {
		return nil, err
	}
	return n, nil
}
