package expression

// A branch is a set of paths with a common beginning: its children are what the paths go
// on with, in the order in which they came. A branch without children ends a path.
type branch struct {
	element  Element
	children []*branch
	places   map[Element]int // of children, when there are many
	first    int             // index of the first path that goes through here
}

// From so many children on, they are found by a map: the older parameters have as many
// attributes as fit into a request.
const manyChildren = 16

// arrange puts paths into a tree, whose root has no element of its own. It fails when a
// path goes on where another ends, or when one has an index where another has a name: of
// both mistakes, overlaps are told first.
func arrange(parameter string, paths []Path) (*branch, error) {
	root := &branch{}
	var conflict error
	report := func(problem string, one, two int) error {
		return invalid(parameter, "Two document paths %s with each other; must remove or rewrite one of these paths; "+
			"path one: %s, path two: %s", problem, paths[one], paths[two])
	}
	for i, path := range paths {
		at, isNew := root, i == 0
		for _, e := range path {
			if len(at.children) == 0 && !isNew {
				return nil, report("overlap", at.first, i)
			}
			if len(at.children) > 0 && at.children[0].element.IsIndex != e.IsIndex && conflict == nil {
				conflict = report("conflict", at.children[0].first, i)
			}
			child := at.child(e)
			if child == nil {
				child, isNew = &branch{element: e, first: i}, true
				at.add(child)
			}
			at = child
		}
		if !isNew {
			return nil, report("overlap", at.first, i)
		}
	}
	return root, conflict
}

func (b *branch) add(child *branch) {
	b.children = append(b.children, child)
	switch n := len(b.children); {
	case n == manyChildren:
		b.places = make(map[Element]int, 2*n)
		for i, c := range b.children {
			b.places[c.element] = i
		}
	case n > manyChildren:
		b.places[child.element] = n - 1
	}
}

func (b *branch) child(e Element) *branch {
	if b.places != nil {
		if i, ok := b.places[e]; ok {
			return b.children[i]
		}
		return nil
	}
	for _, c := range b.children {
		if c.element == e {
			return c
		}
	}
	return nil
}
