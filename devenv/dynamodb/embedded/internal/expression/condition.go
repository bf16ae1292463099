package expression

import "github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"

// A Condition is true or false of an item.
type Condition struct {
	root *node // nil: true of all
}

// Condition makes a condition. parameter is the request's parameter in which it came,
// ConditionExpression or FilterExpression: messages name it.
func (p *Placeholders) Condition(parameter, text string) (*Condition, error) {
	root, err := p.condition(parameter, text)
	if err != nil {
		return nil, err
	}
	return &Condition{root: root}, nil
}

func (p *Placeholders) condition(parameter, text string) (*node, error) {
	parse, err := start(parameter, text)
	if err != nil {
		return nil, err
	}
	root, err := parse.parseCondition()
	if err != nil {
		return nil, err
	}
	if err := (words{parameter: parameter}).condition(root); err != nil {
		return nil, err
	}
	if err := parse.checkIndex(); err != nil {
		return nil, err
	}
	r := resolver{parameter: parameter, placeholders: p}
	if err := r.condition(root); err != nil {
		return nil, err
	}
	return root, r.checkCount()
}

// checkIndex refuses list indexes that no list can have.
func (p *parser) checkIndex() error {
	if p.index == "" {
		return nil
	}
	return p.invalid("List index is not within the allowable range; index: [%s]", p.index)
}

// Matches reports whether the condition is true of an item; nil is an item that is not
// there.
func (c *Condition) Matches(item attribute.Item) bool {
	return c == nil || c.root == nil || c.root.matches(item)
}

// Paths returns every path that occurs in the condition, in order.
func (c *Condition) Paths() []Path {
	if c == nil || c.root == nil {
		return nil
	}
	return c.root.paths(nil)
}

func (n *node) paths(paths []Path) []Path {
	if n.left != nil {
		paths = n.left.paths(paths)
	}
	if n.right != nil {
		paths = n.right.paths(paths)
	}
	return operandPaths(n.operands, paths)
}

func operandPaths(operands []operand, paths []Path) []Path {
	for i := range operands {
		if operands[i].call != nil {
			paths = operandPaths(operands[i].call.arguments, paths)
		} else if operands[i].path != nil {
			paths = append(paths, operands[i].path)
		}
	}
	return paths
}
