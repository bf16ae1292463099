package expression

import "github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"

// An Update changes items.
type Update struct {
	actions []action
	older   bool // made of AttributeUpdates, whose rules differ in details
}

// Update makes an update of an UpdateExpression.
func (p *Placeholders) Update(text string) (*Update, error) {
	const parameter = updateExpression
	parse, err := start(parameter, text)
	if err != nil {
		return nil, err
	}
	actions, repeated, err := parse.parseUpdate()
	if err != nil {
		return nil, err
	}
	w := words{parameter: parameter, update: true}
	for i := range actions {
		if err := w.path(actions[i].path); err != nil {
			return nil, err
		}
		if err := w.operand(&actions[i].value, true); err != nil {
			return nil, err
		}
	}
	if repeated != "" {
		return nil, parse.invalid(`The "%s" section can only be used once in an update expression;`, repeated)
	}
	if err := parse.checkIndex(); err != nil {
		return nil, err
	}
	r := resolver{parameter: parameter, placeholders: p}
	if err := r.update(actions); err != nil {
		return nil, err
	}
	return &Update{actions: actions}, nil
}

// update resolves an update: first all the targets, which must not overlap, then what SET
// sets, then the other values.
func (r *resolver) update(actions []action) error {
	for i := range actions {
		if err := r.path(actions[i].path); err != nil {
			return err
		}
	}
	if len(actions) > 1 {
		paths := make([]Path, len(actions))
		for i := range actions {
			paths[i] = actions[i].path
		}
		if _, err := arrange(r.parameter, paths); err != nil {
			return err
		}
	}
	for _, set := range [...]bool{true, false} {
		for i := range actions {
			if set != (actions[i].section == sectionSet) {
				continue
			}
			if err := r.actionValue(&actions[i]); err != nil {
				return err
			}
		}
	}
	return r.checkCount()
}

func (r *resolver) actionValue(a *action) error {
	if a.section == sectionRemove {
		return nil
	}
	if err := r.operand(&a.value); err != nil {
		return err
	}
	if a.section == sectionSet {
		return nil
	}
	kind := a.value.value.Type()
	switch kind {
	case attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet:
		return nil
	case attribute.TypeNumber:
		if a.section == sectionAdd {
			return nil
		}
	default:
	}
	return r.invalid("Incorrect operand type for operator or function; operator: %s, operand type: %s, typeSet: ALLOWED_FOR_%s_OPERAND",
		a.section, longName(kind), a.section)
}

// longName returns a type's name as it is in some messages.
func longName(kind attribute.Type) string {
	switch kind {
	case attribute.TypeString:
		return "STRING"
	case attribute.TypeNumber:
		return "NUMBER"
	case attribute.TypeBinary:
		return "BINARY"
	case attribute.TypeBoolean:
		return "BOOLEAN"
	case attribute.TypeList:
		return "LIST"
	case attribute.TypeMap:
		return "MAP"
	default:
		return string(kind)
	}
}

// Paths returns what the update changes, in order.
func (u *Update) Paths() []Path {
	if u == nil {
		return nil
	}
	paths := make([]Path, len(u.actions))
	for i := range u.actions {
		paths[i] = u.actions[i].path
	}
	return paths
}

// Sources returns what the update reads to compute values, in order.
func (u *Update) Sources() []Path {
	if u == nil {
		return nil
	}
	var paths []Path
	for i := range u.actions {
		paths = operandPaths([]operand{u.actions[i].value}, paths)
	}
	return paths
}
