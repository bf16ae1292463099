package partiql_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/partiql"
)

// parse reads a statement of one kind.
func parse[S partiql.Statement](t *testing.T, text string) S {
	t.Helper()
	s, err := partiql.Parse(text)
	require.NoError(t, err)
	out, ok := s.(S)
	require.True(t, ok, "%T", s)
	return out
}

func TestASelectHasSourceProjectionAndOrder(t *testing.T) {
	t.Parallel()
	s := parse[*partiql.Select](t, `select a, b.c[0]."d e" FROM "Some.Table"."index-1" -- comment
		WHERE a = ? /* and */ AND b > ? ORDER BY a DESC, b ASC, c;`)
	assert.Equal(t, partiql.Source{Table: "Some.Table", Index: "index-1"}, s.Target())
	assert.Equal(t, 2, s.Parameters())
	assert.Equal(t, []partiql.Path{
		{{Name: "a"}},
		{{Name: "b"}, {Name: "c"}, {Index: 0, IsIndex: true}, {Name: "d e"}},
	}, s.Projection)
	assert.Equal(t, []partiql.Order{{Attribute: "a", Descending: true}, {Attribute: "b"}, {Attribute: "c"}}, s.OrderBy)
}

func TestEverythingIsSelectedByAStar(t *testing.T) {
	t.Parallel()
	s := parse[*partiql.Select](t, "SELECT * FROM music")
	assert.Nil(t, s.Projection)
	assert.Nil(t, s.Where)
}

func TestOperatorsBindAsInSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a = 1 OR b = 2 AND c = 3":                 "(or (= a 1) (and (= b 2) (= c 3)))",
		"(a = 1 OR b = 2) AND c = 3":               "(and (or (= a 1) (= b 2)) (= c 3))",
		"NOT a = 1 AND b = 2":                      "(and (not (= a 1)) (= b 2))",
		"a != -1 AND b <> + 1":                     "(and (<> a -1) (<> b 1))",
		"a BETWEEN 1 AND 2 AND b <= 3":             "(and (between a 1 2) (<= b 3))",
		"a NOT BETWEEN ? AND ?":                    "(not (between a ?0 ?1))",
		"a IN ['x', 'it''s']":                      "(in a 'x' 'it's')",
		"a IN ('x')":                               "(in a 'x')",
		"a NOT IN <<1, 2>>":                        "(not (in a 1 2))",
		"a IS MISSING OR a IS NOT NULL":            "(or (is a MISSING) (is not a NULL))",
		"a.b IS NUMERIC":                           "(is a.b N)",
		"BEGINS_WITH(a, 'x') AND size(\"b\")>=1":   "(and (begins_with a 'x') (>= (size b) 1))",
		"1.5e3 > a['b'][2]":                        "(> 1500 a.b[2])",
		"a = {'m': [1, true, null], 's': <<'x'>>}": "(= a M)",
	} {
		s := parse[*partiql.Select](t, "SELECT * FROM music WHERE "+text)
		assert.Equal(t, want, shown(s.Where), text)
	}
}

// shown writes an expression with its operator in front.
func shown(e partiql.Expr) string {
	list := func(head string, operands ...partiql.Expr) string {
		texts := []string{head}
		for _, operand := range operands {
			texts = append(texts, shown(operand))
		}
		return "(" + strings.Join(texts, " ") + ")"
	}
	switch e := e.(type) {
	case *partiql.Reference:
		texts := make([]string, 0, len(e.Path))
		for _, element := range e.Path {
			if element.IsIndex {
				texts[len(texts)-1] += "[" + string(rune('0'+element.Index)) + "]"
			} else {
				texts = append(texts, element.Name)
			}
		}
		return strings.Join(texts, ".")
	case *partiql.Literal:
		switch v := e.Value.(type) {
		case attribute.String:
			return "'" + string(v) + "'"
		case attribute.Number:
			return string(v)
		default:
			return string(v.Type())
		}
	case *partiql.Parameter:
		return "?" + string(rune('0'+e.Index))
	case *partiql.Operation:
		return list(e.Operator, e.Operands...)
	case *partiql.Call:
		return list(e.Function, e.Arguments...)
	case *partiql.Is:
		if e.Not {
			return "(is not " + shown(e.Operand) + " " + string(e.Type) + ")"
		}
		return "(is " + shown(e.Operand) + " " + string(e.Type) + ")"
	default:
		return "?"
	}
}

func TestAnInsertHasAnItem(t *testing.T) {
	t.Parallel()
	s := parse[*partiql.Insert](t, `INSERT INTO "music" VALUE {'id': ?, 'set': <<1, 2>>, 'map': {'list': ['x', {}]}}`)
	assert.Equal(t, "music", s.Target().Table)
	assert.Equal(t, []string{"id", "set", "map"}, s.Item.Names)
	assert.IsType(t, &partiql.Parameter{}, s.Item.Values[0])
	set, ok := s.Item.Values[1].(*partiql.Literal)
	require.True(t, ok)
	assert.Equal(t, attribute.NumberSet{"1", "2"}, set.Value)
	m, ok := s.Item.Values[2].(*partiql.Literal)
	require.True(t, ok)
	assert.Equal(t, attribute.Map{"list": attribute.List{attribute.String("x"), attribute.Map{}}}, m.Value)
}

func TestAnUpdateHasActions(t *testing.T) {
	t.Parallel()
	s := parse[*partiql.Update](t, `UPDATE music SET a = 1, b.c = a + ? SET l = list_append(l, [1]) REMOVE d[1]
		SET s = set_add(s, <<'x'>>) SET s2 = set_delete(s2, ?) WHERE id = 'x' RETURNING MODIFIED NEW *`)
	kinds := make([]partiql.ActionKind, len(s.Actions))
	for i, action := range s.Actions {
		kinds[i] = action.Kind
	}
	assert.Equal(t, []partiql.ActionKind{
		partiql.ActionSet, partiql.ActionSet, partiql.ActionSet, partiql.ActionRemove, partiql.ActionAdd, partiql.ActionDelete,
	}, kinds)
	assert.Equal(t, "(+ a ?0)", shown(s.Actions[1].Value))
	assert.Equal(t, partiql.ReturningModifiedNew, s.Returning)
	assert.Equal(t, 2, s.Parameters())
	assert.Equal(t, "(= id 'x')", shown(s.Where))
}

func TestADeleteMayReturnTheOldItem(t *testing.T) {
	t.Parallel()
	s := parse[*partiql.Delete](t, "DELETE FROM music WHERE id = 'x' RETURNING ALL OLD *")
	assert.Equal(t, partiql.ReturningAllOld, s.Returning)
	s = parse[*partiql.Delete](t, "DELETE FROM music WHERE id = 'x'")
	assert.Equal(t, partiql.ReturningNothing, s.Returning)
}

func TestExistsIsACondition(t *testing.T) {
	t.Parallel()
	s := parse[*partiql.Exists](t, "EXISTS(SELECT * FROM music WHERE id = ? AND a = 1)")
	assert.Equal(t, "music", s.Target().Table)
	assert.Equal(t, "(and (= id ?0) (= a 1))", shown(s.Where))
}

func TestWhatIsNoStatementIsRefusedInDynamoDBsWords(t *testing.T) {
	t.Parallel()
	const malformed = "Statement wasn't well formed, can't be processed: "
	for text, want := range map[string]string{
		"":                                 malformed + "Unexpected term",
		"SELECT":                           malformed + "Unexpected term",
		"SELECT * FRO music":               malformed + "Expected FROM after SELECT list",
		"SELEC * FROM music":               malformed + "Expected data manipulation",
		"SELECT * FROM music WHERE":        malformed + "Unexpected term",
		"SELECT * FROM music WHERE a =":    malformed + "Unexpected term",
		"SELECT a FROM music WHRE id":      malformed + "Unexpected token after expression",
		"SELECT * FROM music; SELECT":      malformed + "Unexpected token after semicolon. (Only one query is allowed.)",
		"SELECT * FROM music WHERE a = 'x": malformed,
		"SELECT * FROM music WHERE a = #x": malformed,
		"SELECT * FROM music WHERE a IS 1": malformed + "Expected type name",
		"SELECT *, a FROM music": malformed +
			"Other expressions may not be present in the select list when '*' is used without dot notation.",
		"DELETE music WHERE id = 1":                                   malformed + "Expected FROM after DELETE",
		"UPDATE music WHERE id = 1":                                   malformed + "Expected data manipulation",
		"UPDATE music SET 1 = 2 WHERE id = 1":                         malformed + "Expected identifier for simple path",
		"UPDATE music SET a WHERE id = 1":                             malformed + "Expected '='",
		"UPDATE music SET a = 1 RETURNING ALL":                        malformed + "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.",
		"INSERT INTO music VALUES {'id': 1}":                          malformed + "Expected LEFT_PAREN for row value constructor",
		"SELECT a FROM music WHERE f(a, 1":                            malformed + "Expected RIGHT_PAREN",
		strings.Repeat("(", 1000):                                     malformed + "Expression is nested too deeply",
		"SELECT * FROM music WHERE a = " + strings.Repeat("- ", 2000): malformed + "Expression is nested too deeply",
		"FOO":                                                  "Unsupported operation: VariableReference",
		"'a'":                                                  "Unsupported operation: Literal",
		"CREATE TABLE foo":                                     "Unsupported operation: CreateTable",
		"foo(1)":                                               "EXISTS can only be used in ExecuteTransaction write requests.",
		"SELECT a AS x FROM music":                             "Aliasing is not supported",
		"SELECT * FROM music m WHERE m.id = 1":                 "Aliasing is not supported",
		"SELECT * FROM music, video":                           "Only select from a single table or index is supported.",
		"SELECT * FROM (SELECT * FROM music)":                  "Unexpected from source",
		"SELECT * FROM a.b.c":                                  "A path may contain at most 2 components in the FROM clause",
		"SELECT COUNT(*) FROM music":                           "Unexpected path component at 1:8:5",
		"SELECT m.* FROM music":                                "Changing item's hierarchy while reading isn't supported",
		"SELECT m.a, n.a FROM music":                           "Duplicate identifiers in select clause: a",
		"SELECT VALUE a FROM music":                            "Select projection doesn't support value or pivot keywords",
		"SELECT DISTINCT a FROM music":                         "Unsupported token in expression: DISTINCT",
		"SELECT * FROM music LIMIT 1":                          "Unsupported clause: LIMIT at 1:27:1",
		"SELECT * FROM music GROUP BY a":                       "Unsupported clause: GROUP BY",
		"SELECT * FROM music ORDER BY a":                       "Must have WHERE clause in the statement when using ORDER BY clause.",
		"SELECT * FROM music WHERE a":                          "WHERE clause must contain an expression that resolves to a boolean",
		"SELECT m[*] FROM music":                               malformed + "Invalid use of * in select list",
		"SELECT * FROM music WHERE size() = 1":                 "Incorrect number of operands for operator or function; operator or function: size, number of operands: 0",
		"SELECT * FROM music WHERE NOT a":                      "The argument to NOT must be a Type or Expression",
		"SELECT * FROM music WHERE a OR b = 1":                 "The arguments to AND/OR must be Expressions",
		"SELECT * FROM music WHERE a = MISSING":                "MISSING must be compared using IS operator",
		"SELECT * FROM music WHERE foo(a)":                     "Unrecognized function: foo",
		"SELECT * FROM music WHERE a LIKE 'x%'":                "Unsupported operator in Condition Expression. Operator: like",
		"SELECT * FROM music WHERE a = 1 + 1":                  "Unsupported operator in Condition Expression. Operator: +",
		"SELECT * FROM music WHERE 'a' IN b":                   "IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq with at least one member",
		"SELECT * FROM music WHERE a[-1] = 1":                  "List index is not within the allowable range; index: [-1] at 1:30:1",
		"SELECT * FROM music WHERE a = [b]":                    "Unsupported data type: VariableReference under key root.0 at 1:32:1",
		"SELECT * FROM music WHERE a IS VARCHAR":               "Unsupported data type for IS operator: CHARACTER_VARYING. Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST] at 1:29:2",
		"INSERT INTO music VALUE 1":                            "Unsupported format in item expression. Please use struct format {...} to express item values for insert statement. at 1:25:1",
		"INSERT INTO music VALUE {id: 1}":                      "Tuple keys must be of type String. Actual type: VariableReference under root at 1:26:2",
		"INSERT INTO music VALUE {'a': 1, 'a': 2}":             "Duplicate keys in tuple. Key: a under root at 1:34:3",
		"INSERT INTO music VALUE {'a': <<>>}":                  "Empty bags are not supported at 1:31:2",
		"INSERT INTO music VALUE {'a': <<'x',1>>}":             "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags at 1:37:1",
		"INSERT INTO music VALUE {'a': [?]}":                   "Unsupported data type: Parameter under key root.0 at 1:32:1",
		"INSERT INTO music.index VALUE {'a': 1}":               malformed + "Invalid path dot component",
		"INSERT INTO music.\"index\" VALUE {'a': 1}":           "FROM clause may only contain a single table name in data manipulation statements",
		"INSERT INTO music VALUE {'a': 1} RETURNING ALL OLD *": "RETURNING is not supported in INSERT",
		"UPDATE music.idx SET a = 1":                           "This operation is not supported on an index",
		"UPDATE music SET a = b * 2":                           "Unsupported operator in Update Expression. Operator: *",
		"UPDATE music SET a = size(b)":                         "The function is not allowed in an update expression; function: size",
		"UPDATE music SET a = set_add(b, <<1>>)":               "The first argument to SET_ADD must equal the assignment value",
		"UPDATE music SET a = set_add(a, 1)":                   "The second argument to SET_ADD must be a value with type SET at 1:30:1",
		"UPDATE music SET a = 1 RETURNING ALL OLD a":           "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause",
		"DELETE FROM music RETURNING ALL NEW *":                "Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements.",
		"SET a = 1":                                            "Only select from a single table or index is supported.",
	} {
		_, err := partiql.Parse(text)
		if assert.Error(t, err, text) {
			assert.Equal(t, exception.ValidationName, exception.Of(err).Name, text)
			assert.Equal(t, want, exception.Of(err).Message, text)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"SELECT a.b[0], \"c\" FROM t.i WHERE a = ? AND NOT (b IN (1, 'x''y') OR c IS NOT MISSING) ORDER BY a DESC",
		"INSERT INTO ttt VALUE {'a': <<1>>, 'b': [{'c': null}]}",
		"UPDATE ttt SET a = a + 1 REMOVE b[1] WHERE id = `x` RETURNING ALL OLD *",
		"DELETE FROM ttt WHERE a BETWEEN -1e5 AND .5;",
		"EXISTS(SELECT * FROM ttt WHERE CASE WHEN a THEN b ELSE c END = CAST(a AS INT))",
		"FROM ttt WHERE a REMOVE b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := partiql.Parse(text)
		if err != nil {
			if name := exception.Of(err).Name; name != exception.ValidationName {
				t.Fatalf("%q: %s", text, name)
			}
			return
		}
		if got := strings.Count(text, "?"); s.Parameters() > got {
			t.Fatalf("%q: %d parameters", text, s.Parameters())
		}
	})
}
