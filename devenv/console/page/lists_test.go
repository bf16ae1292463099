package page_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
)

// The lists of the page are by id, newest first, and have no holes: what is older than
// their oldest is fetched when a reader gets there. Events come in any order.
func TestEventsFindTheirPlaceInAList(t *testing.T) {
	t.Parallel()
	e := start(t)
	tab := open(t, e.url, "")
	for name, c := range map[string]struct {
		merge string
		want  []string
	}{
		"newer":                           {`[5, 4], ["6", "7"], false, 9`, []string{"7", "6", "5", "4"}},
		"one that is known is replaced":   {`[5, 4], ["5"], false, 9`, []string{"5!", "4"}},
		"a slow one":                      {`[9, 7], ["8", "10"], false, 9`, []string{"10", "9", "8", "7"}},
		"older than a list that has more": {`[9, 8], ["3"], false, 9`, []string{"9", "8"}},
		"older than a list that is whole": {`[9, 8], ["3"], true, 9`, []string{"9", "8", "3"}},
		"into an empty list":              {`[], ["3", "4"], false, 9`, []string{"4", "3"}},
		"twice in one go":                 {`[3], ["4", "4"], false, 9`, []string{"4", "3"}},
		"more than a list keeps":          {`[3, 2, 1], ["4", "5"], true, 3`, []string{"5", "4", "3"}},
	} {
		// An old one is a number, a new one a text; "5!" was an old one and is a new one now.
		got := browsertest.Evaluate[[]string](tab, `import("/app/store.js").then(({merge}) => ((list, fresh, whole, max) =>
			merge(list.map(id => ({id})), fresh.map(id => ({id: Number(id), fresh: true})), whole, max)
				.map(item => String(item.id) + (item.fresh && list.includes(item.id) ? "!" : "")))(`+c.merge+`))`)
		assert.Equal(t, c.want, got, name)
	}
}
