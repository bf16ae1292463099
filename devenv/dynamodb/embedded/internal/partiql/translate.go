package partiql

import (
	"regexp"
	"strconv"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// ErrExists is what DynamoDB says of functions and operators that are no statement, and of
// EXISTS outside of transactions.
var ErrExists = exception.Validation("EXISTS can only be used in ExecuteTransaction write requests.")

// operationNames are the parser's names for what is no statement.
var operationNames = map[nodeKind]string{
	nodeIdentifier: "VariableReference", nodePath: "Path", nodeString: "Literal", nodeNumber: "Literal",
	nodeBoolean: "Literal", nodeIon: "Literal", nodeNull: "Literal", nodeMissing: "LiteralMissing",
	nodeParameter: "Parameter", nodeList: "Seq", nodeBag: "Seq", nodeStruct: "Struct",
	nodeAggregate: "CallAgg", nodeCast: "Typed",
}

// translate makes a statement of the tree of one.
func translate(root *node, parameters int) (Statement, error) {
	switch root.kind {
	case nodeSelect:
		s, err := translateSelect(root.query)
		if err != nil {
			return nil, err
		}
		s.parameters = parameters
		return s, nil
	case nodeDataChange:
		return translateChange(root.change, parameters)
	case nodeCall:
		if root.text == "exists" && len(root.children) == 1 && root.children[0].kind == nodeSelect {
			s, err := translateSelect(root.children[0].query)
			if err != nil {
				return nil, err
			}
			return &Exists{statement: statement{Source: s.Source, parameters: parameters}, Where: s.Where}, nil
		}
		return nil, ErrExists
	case nodeOperator:
		return nil, ErrExists
	case nodeCase, nodeUnsupported:
		return nil, exception.Validation("Unsupported operation: %s", root.text)
	default:
		return nil, exception.Validation("Unsupported operation: %s", operationNames[root.kind])
	}
}

// place is how messages end that say where.
func place(at Position) string { return " at " + at.String() }

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// translateSource returns the table or index that a source is.
func translateSource(s source) (Source, error) {
	switch {
	case s.several:
		return Source{}, exception.Validation("Only select from a single table or index is supported.")
	case s.aliased:
		return Source{}, exception.Validation("Aliasing is not supported")
	}
	var out Source
	switch n := s.expr; {
	case n.kind == nodeIdentifier:
		out.Table = n.text
	case n.kind == nodePath && len(n.children) > 2:
		return Source{}, exception.Validation("A path may contain at most 2 components in the FROM clause")
	case n.kind == nodePath && n.children[0].kind == nodeIdentifier && n.children[1].kind == nodeStep:
		out.Table, out.Index = n.children[0].text, n.children[1].text
		if err := checkName(out.Index); err != nil {
			return Source{}, err
		}
	default:
		return Source{}, exception.Validation("Unexpected from source")
	}
	return out, checkName(out.Table)
}

func checkName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return exception.Validation("Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'.")
}

func translateSelect(q *query) (*Select, error) {
	if err := checkClauses(q); err != nil {
		return nil, err
	}
	s := &Select{}
	var err error
	if s.Source, err = translateSource(q.from); err != nil {
		return nil, err
	}
	if s.Projection, err = translateProjection(q.projection); err != nil {
		return nil, err
	}
	if s.Where, err = translateWhere(q.where); err != nil {
		return nil, err
	}
	for _, o := range q.orderBy {
		if o.expr.kind != nodeIdentifier {
			return nil, exception.Validation("Argument to ORDER BY must be of type VariableReference. Type: %s", shown(o.expr))
		}
		s.OrderBy = append(s.OrderBy, Order{Attribute: o.expr.text, Descending: o.descending})
	}
	if s.OrderBy != nil && s.Where == nil {
		return nil, exception.Validation("Must have WHERE clause in the statement when using ORDER BY clause.")
	}
	return s, nil
}

// checkClauses refuses what PartiQL has and DynamoDB has not.
func checkClauses(q *query) error {
	switch {
	case q.distinct:
		return exception.Validation("Unsupported token in expression: DISTINCT")
	case q.value:
		return exception.Validation("Select projection doesn't support value or pivot keywords")
	case q.groupBy:
		return exception.Validation("Unsupported clause: GROUP BY")
	case q.having != nil:
		return exception.Validation("Unsupported clause: HAVING%s", place(q.having.at))
	case q.limit != nil:
		return exception.Validation("Unsupported clause: LIMIT%s", place(q.limit.at))
	case q.let:
		return exception.Validation("Unsupported clause: LET")
	}
	return nil
}

// shown is a term in the message about ORDER BY.
func shown(n *node) string {
	switch n.kind {
	case nodePath:
		return "PATH"
	case nodeString, nodeNumber, nodeBoolean, nodeOperator, nodeCall, nodeAggregate:
		return n.text
	default:
		return operationNames[n.kind]
	}
}

func translateProjection(list []projected) ([]Path, error) {
	var paths []Path
	names := map[string]bool{}
	for _, p := range list {
		if p.star {
			return nil, nil
		}
		if p.aliased {
			return nil, exception.Validation("Aliasing is not supported")
		}
		if p.expr.kind == nodePath && p.expr.children[len(p.expr.children)-1].kind == nodeUnpivot {
			return nil, exception.Validation("Changing item's hierarchy while reading isn't supported")
		}
		path, err := translatePath(p.expr)
		if err != nil {
			return nil, err
		}
		name := path.Alias()
		if names[name] {
			return nil, exception.Validation("Duplicate identifiers in select clause: %s", name)
		}
		names[name] = true
		paths = append(paths, path)
	}
	return paths, nil
}

func translatePath(n *node) (Path, error) {
	if n.kind == nodeIdentifier {
		return Path{{Name: n.text}}, nil
	}
	if n.kind != nodePath || n.children[0].kind != nodeIdentifier {
		return nil, exception.Validation("Unexpected path component%s", place(n.at))
	}
	path := Path{{Name: n.children[0].text}}
	for _, step := range n.children[1:] {
		element, err := translateStep(step)
		if err != nil {
			return nil, err
		}
		path = append(path, element)
	}
	return path, nil
}

// maxIndex is the largest index of a list in a path.
const maxIndex = 1<<31 - 1

func translateStep(step *node) (Element, error) {
	switch step.kind {
	case nodeStep:
		return Element{Name: step.text}, nil
	case nodeUnpivot:
		return Element{}, exception.Validation("Unpivot path component like a.*.b are not supported%s", place(step.at))
	case nodeIndex:
	default:
		return Element{}, exception.Validation("Wildcard path component like a[*].b are not supported%s", place(step.at))
	}
	switch index := step.children[0]; index.kind {
	case nodeString, nodeIdentifier:
		return Element{Name: index.text}, nil
	case nodeNumber:
		number, err := strconv.Atoi(index.text)
		if err != nil {
			return Element{}, exception.Validation("Unexpected path component%s", place(index.at))
		}
		if number < 0 || number > maxIndex {
			return Element{}, exception.Validation("List index is not within the allowable range; index: [%d]%s", number, place(index.at))
		}
		return Element{Index: number, IsIndex: true}, nil
	default:
		return Element{}, exception.Validation("Unexpected path component%s", place(index.at))
	}
}
