package expression

import (
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// A Projection is a choice of an item's attributes, and of parts of them.
type Projection struct {
	paths []Path
	tree  *branch
}

// Projection makes a projection of a ProjectionExpression.
func (p *Placeholders) Projection(text string) (*Projection, error) {
	const parameter = projectionExpression
	parse, err := start(parameter, text)
	if err != nil {
		return nil, err
	}
	paths := make([]Path, 0, 4)
	for {
		paths = append(paths, parse.path())
		if !parse.accept(',') {
			break
		}
	}
	if err := parse.finish(); err != nil {
		return nil, err
	}
	for _, path := range paths {
		if err := (words{parameter: parameter}).path(path); err != nil {
			return nil, err
		}
	}
	if err := parse.checkIndex(); err != nil {
		return nil, err
	}
	r := resolver{parameter: parameter, placeholders: p}
	for _, path := range paths {
		if err := r.path(path); err != nil {
			return nil, err
		}
	}
	tree, err := arrange(parameter, paths)
	if err != nil {
		return nil, err
	}
	return &Projection{paths: paths, tree: tree}, nil
}

// AttributesToGet makes a projection of the older parameter of that name.
func AttributesToGet(names []string) (*Projection, error) {
	paths := make([]Path, len(names))
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, exception.InvalidParameter("Duplicate value in attribute name: %s", name)
		}
		paths[i] = Path{{Name: name}}
	}
	tree, err := arrange("", paths)
	if err != nil {
		return nil, err
	}
	return &Projection{paths: paths, tree: tree}, nil
}

// Apply returns the chosen part of an item. Of lists the chosen elements are returned,
// in their order and without gaps. Nothing that is not there is returned.
func (p *Projection) Apply(item attribute.Item) attribute.Item {
	if p == nil {
		return item
	}
	return p.tree.ofMap(item)
}

// Paths returns what is chosen, in order.
func (p *Projection) Paths() []Path {
	if p == nil {
		return nil
	}
	return p.paths
}

// Updated returns the part of an item that an update's paths lead to: what UpdateItem
// returns of the item as it was (UPDATED_OLD) or has become (UPDATED_NEW).
func Updated(paths []Path, item attribute.Item) attribute.Item {
	tree, err := arrange("", paths)
	if err != nil { // an update has no such paths
		return attribute.Item{}
	}
	return tree.ofMap(item)
}

func (b *branch) ofMap(m attribute.Map) attribute.Map {
	part := make(attribute.Map, len(b.children))
	for _, c := range b.children {
		if c.element.IsIndex {
			continue
		}
		if v := c.of(m[c.element.Name]); v != nil {
			part[c.element.Name] = v
		}
	}
	return part
}

func (b *branch) ofList(l attribute.List) attribute.List {
	chosen := slices.Clone(b.children)
	slices.SortFunc(chosen, func(x, y *branch) int { return x.element.Index - y.element.Index })
	part := make(attribute.List, 0, len(chosen))
	for _, c := range chosen {
		if !c.element.IsIndex || c.element.Index >= len(l) {
			continue
		}
		if v := c.of(l[c.element.Index]); v != nil {
			part = append(part, v)
		}
	}
	return part
}

// of returns the part of a value that a branch leads to, or nil when it leads nowhere.
func (b *branch) of(value attribute.Value) attribute.Value {
	if value == nil || len(b.children) == 0 {
		return value
	}
	switch v := value.(type) {
	case attribute.Map:
		if part := b.ofMap(v); len(part) > 0 {
			return part
		}
	case attribute.List:
		if part := b.ofList(v); len(part) > 0 {
			return part
		}
	default:
	}
	return nil
}
