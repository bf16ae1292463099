package expression

// A branch is a set of paths with a common beginning: its children are what the paths go
// on with, in the order in which they came. A branch without children ends a path.
type branch struct {
	element  Element
	children []*branch
	first    int // index of the first path that goes through here
}

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
				at.children = append(at.children, child)
			}
			at = child
		}
		if !isNew {
			return nil, report("overlap", at.first, i)
		}
	}
	return root, conflict
}

func (b *branch) child(e Element) *branch {
	for _, c := range b.children {
		if c.element == e {
			return c
		}
	}
	return nil
}
