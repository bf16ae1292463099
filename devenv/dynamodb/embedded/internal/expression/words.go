package expression

// words checks the words of an expression, in the order in which they stand: functions
// must be known, allowed in this expression and in this place, and names not reserved.
type words struct {
	parameter string
	update    bool
}

func (w words) condition(n *node) error {
	switch n.operator {
	case operatorAnd, operatorOr:
		if err := w.condition(n.left); err != nil {
			return err
		}
		return w.condition(n.right)
	case operatorNot:
		return w.condition(n.left)
	}
	for i := range n.operands {
		if err := w.operand(&n.operands[i], n.operator == operatorCall); err != nil {
			return err
		}
	}
	return nil
}

// operand checks an operand; whole says that it is not part of something larger.
func (w words) operand(o *operand, whole bool) error {
	if o.call == nil {
		return w.path(o.path)
	}
	f, known := functionNamed(o.call.name)
	switch {
	case !known:
		return invalid(w.parameter, "Invalid function name; function: %s", o.call.name)
	case w.update && !f.update:
		return invalid(w.parameter, "The function is not allowed in an update expression; function: %s", o.call.name)
	case !w.update && f.update:
		return invalid(w.parameter, "The function is not allowed in a condition expression; function: %s", o.call.name)
	case whole && !f.whole, !whole && !f.nested:
		return invalid(w.parameter,
			"The function is not allowed to be used this way in an expression; function: %s", o.call.name)
	}
	for i := range o.call.arguments {
		if err := w.operand(&o.call.arguments[i], false); err != nil {
			return err
		}
	}
	return nil
}

func (w words) path(path Path) error {
	for _, e := range path {
		if isReserved(e.Name) {
			return invalid(w.parameter, "Attribute name is a reserved keyword; reserved keyword: %s", e.Name)
		}
	}
	return nil
}
