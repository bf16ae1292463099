package difftest

// A key names the attributes of a key schema and their types.
type key struct {
	hash, sort         string // sort is "" when there is none
	hashKind, sortKind string
}

func (k key) attributes() map[string]string {
	kinds := map[string]string{k.hash: k.hashKind}
	if k.sort != "" {
		kinds[k.sort] = k.sortKind
	}
	return kinds
}

// An index is one of a table; global says which kind.
type index struct {
	key

	name       string
	global     bool
	projection string // its type
}

// A schema is a table's.
type schema struct {
	key

	table   string
	kinds   map[string]string // of all attributes in a key of table or index
	indexes []index
	create  object // the CreateTable request
}

// schema draws a table with up to two local and two global indexes, whose keys may share
// attributes with each other and with the table.
func (d draw) schema(table string) *schema {
	s := &schema{table: table, kinds: map[string]string{}}
	kind := func(name string) string {
		if s.kinds[name] == "" {
			s.kinds[name] = pick(d, "type of "+name, "S", "N", "B")
		}
		return s.kinds[name]
	}
	s.key = key{hash: "p", hashKind: kind("p")}
	if d.chance(75, "sort key") {
		s.sort, s.sortKind = "s", kind("s")
	}
	s.create = object{"TableName": table, "BillingMode": "PAY_PER_REQUEST", "KeySchema": keySchema(s.key)}
	var locals, globals []any
	for _, name := range []string{"local0", "local1"} {
		if s.sort == "" || !d.chance(35, name) {
			continue
		}
		sort := pick(d, "sort key of "+name, "x", "y")
		k := key{"p", sort, s.hashKind, kind(sort)}
		projection := d.projected()
		s.indexes = append(s.indexes, index{k, name, false, projection["ProjectionType"].(string)})
		locals = append(locals, object{"IndexName": name, "KeySchema": keySchema(k), "Projection": projection})
	}
	for _, name := range []string{"global0", "global1"} {
		if !d.chance(45, name) {
			continue
		}
		hash := pick(d, "hash key of "+name, "x", "y", "z", "p")
		k := key{hash: hash, hashKind: kind(hash)}
		sorts := []string{"", "y", "x", "p"}
		if s.sort != "" {
			sorts = append(sorts, "s")
		}
		if sort := pick(d, "sort key of "+name, sorts...); sort != "" && sort != hash {
			k.sort, k.sortKind = sort, kind(sort)
		}
		projection := d.projected()
		s.indexes = append(s.indexes, index{k, name, true, projection["ProjectionType"].(string)})
		globals = append(globals, object{"IndexName": name, "KeySchema": keySchema(k), "Projection": projection})
	}
	if locals != nil {
		s.create["LocalSecondaryIndexes"] = locals
	}
	if globals != nil {
		s.create["GlobalSecondaryIndexes"] = globals
	}
	var definitions []any
	for _, name := range []string{"p", "s", "x", "y", "z"} {
		if kind := s.kinds[name]; kind != "" {
			definitions = append(definitions, object{"AttributeName": name, "AttributeType": kind})
		}
	}
	s.create["AttributeDefinitions"] = definitions
	return s
}

func keySchema(k key) []any {
	elements := []any{object{"AttributeName": k.hash, "KeyType": "HASH"}}
	if k.sort != "" {
		elements = append(elements, object{"AttributeName": k.sort, "KeyType": "RANGE"})
	}
	return elements
}

func (d draw) projected() object {
	switch kind := pick(d, "projection", "ALL", "KEYS_ONLY", "INCLUDE"); kind {
	case "INCLUDE":
		return object{"ProjectionType": kind, "NonKeyAttributes": []any{pick(d, "included", "a", "b")}}
	default:
		return object{"ProjectionType": kind}
	}
}

// primaryKey draws the key of an item; seldom one that does not fit the table.
func (d draw) primaryKey(s *schema) object {
	k := object{}
	for name, kind := range ordered(s.attributes()) {
		k[name] = d.keyValue(kind)
	}
	if d.chance(2, "odd key") {
		switch pick(d, "oddity", "missing", "extra", "type", "empty") {
		case "missing":
			delete(k, pick(d, "missing", "p", "s"))
		case "extra":
			k["a"] = object{"S": "a"}
		case "type":
			k["p"] = d.value(0)
		default:
			k["p"] = object{"S": ""}
		}
	}
	return k
}

// item draws one whose index keys are mostly there and of the right type.
func (d draw) item(s *schema) object {
	item := d.primaryKey(s)
	for name, kind := range ordered(s.kinds) {
		switch {
		case name == "p" || name == "s" || d.chance(25, "without "+name):
		case d.chance(2, "odd "+name):
			item[name] = d.value(0)
		default:
			item[name] = d.keyValue(kind)
		}
	}
	for _, name := range some(d, "attribute", attributes...) {
		item[name] = d.value(2)
	}
	return item
}
