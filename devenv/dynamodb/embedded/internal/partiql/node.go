package partiql

// A nodeKind is what a node of the tree of all PartiQL is.
type nodeKind int

const (
	nodeIdentifier nodeKind = iota // text
	nodePath                       // children: root, then nodeStep, nodeIndex, nodeWildcard or nodeUnpivot
	nodeStep                       // .text
	nodeIndex                      // [children[0]]
	nodeWildcard                   // [*]
	nodeUnpivot                    // .*
	nodeString                     // text
	nodeNumber                     // text
	nodeBoolean                    // text
	nodeNull
	nodeMissing
	nodeIon         // text
	nodeParameter   // number
	nodeList        // children
	nodeBag         // children
	nodeStruct      // children: name, value, name, value …
	nodeOperator    // text, children
	nodeType        // text, the second operand of is and is_not
	nodeCall        // text, children
	nodeAggregate   // text, children
	nodeSelect      // query
	nodeCase        // text: "SearchedCase" or "SimpleCase"
	nodeCast        // children
	nodeDataChange  // change
	nodeUnsupported // text: the operation
)

// A node is a term of PartiQL.
type node struct {
	kind     nodeKind
	text     string
	number   int
	at       Position
	children []*node
	query    *query
	change   *change
}

// A query is SELECT.
type query struct {
	distinct   bool
	value      bool // SELECT VALUE or PIVOT
	projection []projected
	from       source
	let        bool
	where      *node
	orderBy    []ordered
	groupBy    bool
	having     *node
	limit      *node
}

type projected struct {
	star    bool
	expr    *node
	aliased bool
}

type source struct {
	expr    *node
	aliased bool
	several bool // a join
}

type ordered struct {
	expr       *node
	descending bool
}

// A change is INSERT, UPDATE or DELETE.
type change struct {
	from       *source // nil when only an operation was written
	operations []*node // nodeOperator: "set", "remove", "insert", "insert_value", "delete"
	where      *node
	returning  []returned
	position   *node // INSERT … AT
	onConflict bool
}

type returned struct {
	mapping string // all_old, modified_new, …
	star    bool
}
