package conformance

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
)

// fixtures are the tables that cases share. Cases write below keys of their own ($id).
// Nobody writes to @seed, which has the items of seeds, nor creates @missing.
var fixtures = map[string]string{
	"@hash":   keys(`{"AttributeName":"pk","AttributeType":"S"}`, ``),
	"@number": keys(`{"AttributeName":"pk","AttributeType":"N"}`, ``),
	"@binary": keys(`{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"B"}`, `,{"AttributeName":"sk","KeyType":"RANGE"}`),
	"@sorted": keys(`{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"}`, `,{"AttributeName":"sk","KeyType":"RANGE"}`),
	"@range":  keys(`{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}`, `,{"AttributeName":"sk","KeyType":"RANGE"}`),
	"@indexed": `{"BillingMode":"PAY_PER_REQUEST",` +
		`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"lsk","AttributeType":"S"},{"AttributeName":"gpk","AttributeType":"S"},{"AttributeName":"gsk","AttributeType":"N"}],` +
		seedIndexes + `}`,
	"@seed": `{"BillingMode":"PAY_PER_REQUEST",` +
		`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"lsk","AttributeType":"S"},{"AttributeName":"gpk","AttributeType":"S"},{"AttributeName":"gsk","AttributeType":"N"}],` +
		seedIndexes + `}`,
}

const seedIndexes = `"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],` +
	`"LocalSecondaryIndexes":[` +
	`{"IndexName":"lsi","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"lsk","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],` +
	`"GlobalSecondaryIndexes":[` +
	`{"IndexName":"gsi","KeySchema":[{"AttributeName":"gpk","KeyType":"HASH"},{"AttributeName":"gsk","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}},` +
	`{"IndexName":"include","KeySchema":[{"AttributeName":"gpk","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a"]}},` +
	`{"IndexName":"keys","KeySchema":[{"AttributeName":"gpk","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]`

// seeds are the items of @seed: two partitions; some are in no index.
var seeds = []string{
	`{"pk":{"S":"a"},"sk":{"N":"1"},"lsk":{"S":"e"},"gpk":{"S":"g"},"gsk":{"N":"10"},"a":{"S":"x1"},"n":{"N":"1"}}`,
	`{"pk":{"S":"a"},"sk":{"N":"2"},"lsk":{"S":"d"},"a":{"S":"x2"},"n":{"N":"2"}}`,
	`{"pk":{"S":"a"},"sk":{"N":"3"},"lsk":{"S":"c"},"gpk":{"S":"g"},"gsk":{"N":"5"},"a":{"S":"x3"},"n":{"N":"3"}}`,
	`{"pk":{"S":"a"},"sk":{"N":"4"},"lsk":{"S":"b"},"a":{"S":"x4"},"n":{"N":"4"}}`,
	`{"pk":{"S":"a"},"sk":{"N":"5"},"gpk":{"S":"g"},"gsk":{"N":"7"},"a":{"S":"x5"},"n":{"N":"5"}}`,
	`{"pk":{"S":"b"},"sk":{"N":"-1"}}`,
	`{"pk":{"S":"b"},"sk":{"N":"9"}}`,
	`{"pk":{"S":"b"},"sk":{"N":"10"}}`,
}

func keys(definitions, sortKey string) string {
	return `{"BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[` + definitions +
		`],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}` + sortKey + `]}`
}

// createFixtures creates the tables under new names and returns these by "@name".
func createFixtures(t *testing.T, target *endpoint) map[string]string {
	t.Helper()
	suffix := "-" + strings.ToLower(rand.Text())
	tables := map[string]string{"@missing": "conformance-missing" + suffix}
	for name := range fixtures {
		tables[name] = "conformance-" + name[1:] + suffix
	}
	setup := &run{ctx: t.Context(), target: target, texts: tables}
	must := func(s Step) {
		if err := setup.step(s); err != nil {
			t.Fatalf("the tables that the cases share cannot be made: %s: %v", s.operation, err)
		}
	}
	for name, definition := range fixtures {
		must(answers("CreateTable", `{"TableName":"`+name+`",`+definition[1:], `{"TableDescription":"*"}`))
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), remotePatience)
			defer cancel()
			if _, err := target.ask(ctx, "DeleteTable", []byte(setup.replace(`{"TableName":"`+name+`"}`))); err != nil {
				t.Errorf("delete a table that the cases shared: %v", err)
			}
		})
	}
	for name := range fixtures {
		must(active(name))
	}
	for _, item := range seeds {
		must(put("@seed", item))
	}
	return tables
}
