package expression

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// The actions of AttributeUpdates.
const (
	legacyPut    = "PUT"
	legacyAdd    = "ADD"
	legacyDelete = "DELETE"
)

// AttributeUpdates makes an update of the older parameter of that name.
func AttributeUpdates(updates map[string]AttributeValueUpdate) (*Update, error) {
	u := &Update{older: true, actions: make([]action, 0, len(updates))}
	for _, name := range CheckedNames(updates) {
		if name == "" {
			return nil, exception.Validation("Empty attribute name")
		}
		update := updates[name]
		s, value, err := update.section()
		if err != nil {
			return nil, err
		}
		u.actions = append(u.actions, action{section: s, path: Path{{Name: name}}, value: operand{value: value}})
	}
	return u, nil
}

// section checks an update and returns which section of an expression does the same.
func (u *AttributeValueUpdate) section() (section, attribute.Value, error) {
	does := legacyPut
	if u.Action != nil {
		does = *u.Action
	}
	if !u.Value.IsSet() {
		if does != legacyDelete {
			return 0, nil, exception.InvalidParameter("Only DELETE action is allowed when no attribute value is specified")
		}
		return sectionRemove, nil, nil
	}
	value, err := u.Value.Value()
	if err != nil {
		return 0, nil, err
	}
	isSet := false
	switch value.Type() {
	case attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet:
		isSet = true
	default:
	}
	switch does {
	case legacyDelete:
		if !isSet {
			return 0, nil, exception.InvalidParameter("DELETE action with value is not supported for the type %s", value.Type())
		}
		return sectionDelete, value, nil
	case legacyAdd:
		if !isSet && value.Type() != attribute.TypeNumber && value.Type() != attribute.TypeList {
			return 0, nil, exception.InvalidParameter("ADD action is not supported for the type %s", value.Type())
		}
		return sectionAdd, value, nil
	default:
		return sectionSet, value, nil
	}
}
