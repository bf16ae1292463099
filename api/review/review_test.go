package review_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/api/review"
)

func good() review.Content {
	return review.Content{
		Rating: review.MustDecimal("4.5"), Cost: review.MustDecimal("8.5"), Currency: "EUR", Comment: "Crisp.", Visited: "2026-11-20T12:30:00+01:00",
	}
}

func TestContentThatBreaksARuleIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*review.Content)
		fields []string
	}{
		"nothing wrong":               {func(*review.Content) {}, nil},
		"best rating":                 {func(c *review.Content) { c.Rating = review.MustDecimal("5") }, nil},
		"least rating":                {func(c *review.Content) { c.Rating = review.MustDecimal("0.1") }, nil},
		"rating 0":                    {func(c *review.Content) { c.Rating = review.MustDecimal("0") }, []string{"rating"}},
		"rating below 0":              {func(c *review.Content) { c.Rating = review.MustDecimal("-1") }, []string{"rating"}},
		"rating above 5":              {func(c *review.Content) { c.Rating = review.MustDecimal("5.1") }, []string{"rating"}},
		"rating a hair above 5":       {func(c *review.Content) { c.Rating = review.MustDecimal("5.00000000000000000001") }, []string{"rating"}},
		"rating in hundredths":        {func(c *review.Content) { c.Rating = review.MustDecimal("4.55") }, []string{"rating"}},
		"free":                        {func(c *review.Content) { c.Cost = review.MustDecimal("0") }, nil},
		"four decimals":               {func(c *review.Content) { c.Cost = review.MustDecimal("0.0001") }, nil},
		"five decimals":               {func(c *review.Content) { c.Cost = review.MustDecimal("0.00001") }, []string{"cost"}},
		"dearest":                     {func(c *review.Content) { c.Cost = review.MustDecimal("99999999.9999") }, nil},
		"too dear":                    {func(c *review.Content) { c.Cost = review.MustDecimal("1e8") }, []string{"cost"}},
		"negative cost":               {func(c *review.Content) { c.Cost = review.MustDecimal("-0.01") }, []string{"cost"}},
		"unknown currency":            {func(c *review.Content) { c.Currency = "ABC" }, []string{"currency"}},
		"currency in lower case":      {func(c *review.Content) { c.Currency = "eur" }, []string{"currency"}},
		"no currency":                 {func(c *review.Content) { c.Currency = "" }, []string{"currency"}},
		"no comment":                  {func(c *review.Content) { c.Comment = "" }, nil},
		"longest comment":             {func(c *review.Content) { c.Comment = strings.Repeat("🧆", review.MaxCommentLength) }, nil},
		"comment too long":            {func(c *review.Content) { c.Comment = strings.Repeat("a", review.MaxCommentLength+1) }, []string{"comment"}},
		"comment with line breaks":    {func(c *review.Content) { c.Comment = "a\r\n\tb" }, nil},
		"comment with NUL":            {func(c *review.Content) { c.Comment = "a\x00b" }, []string{"comment"}},
		"comment that is not UTF-8":   {func(c *review.Content) { c.Comment = "\xff" }, []string{"comment"}},
		"the earlier service's time":  {func(c *review.Content) { c.Visited = "12:30" }, nil},
		"no time":                     {func(c *review.Content) { c.Visited = "" }, []string{"visited_at"}},
		"everything wrong, all named": {func(c *review.Content) { *c = review.Content{Cost: review.MustDecimal("-1"), Comment: "\x00"} }, []string{"rating", "cost", "currency", "comment", "visited_at"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := good()
			c.change(&content)
			err := content.Validate()
			if c.fields == nil {
				require.NoError(t, err)
				return
			}
			var invalid *review.InvalidError
			require.ErrorAs(t, err, &invalid)
			var fields []string
			for _, v := range invalid.Violations {
				fields = append(fields, v.Field)
				assert.NotEmpty(t, v.Rule)
			}
			assert.Equal(t, c.fields, fields)
		})
	}
}

func TestVisitsAreTimesOfTheCalendar(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"2026-11-20T12:30:00Z": true, "2026-11-20T12:30:00.123456789+05:45": true, "0001-01-01T00:00:00Z": true, "9999-12-31T23:59:59Z": true,
		"0000-01-01T00:00:00Z": false, "0001-01-01T00:00:00+01:00": false, "9999-12-31T23:59:59-01:00": false, "10000-01-01T00:00:00Z": false,
		"2026-02-30T00:00:00Z": false, "2026-11-20": false, "12:30": false, "2026-11-20 12:30:00Z": false, "": false,
	} {
		_, err := review.ParseVisit(text)
		assert.Equal(t, ok, err == nil, "%q: %v", text, err)
	}
}

func TestReviewsAreOrderedByTheirIDs(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 12, 30, 0, 123_456_789, time.FixedZone("", 3600))
	first, err := review.New("Habibi", good(), at)
	require.NoError(t, err)
	second, err := review.New("Habibi", good(), at.Add(time.Millisecond))
	require.NoError(t, err)
	assert.Less(t, first.ID.String(), second.ID.String())
	assert.Equal(t, "2026-11-20T11:30:00.123Z", first.CreatedAt().Format(time.RFC3339Nano))
	assert.Equal(t, first.CreatedAt(), first.UpdatedAt)
	assert.EqualValues(t, 1, first.Version)
}

func TestATextThatIsNoTimeIsShownBesideTheTimeOfCreation(t *testing.T) {
	t.Parallel()
	content := good()
	content.Visited = "12:30"
	r, err := review.New("Habibi", content, time.Now())
	require.NoError(t, err)
	at, text := r.VisitedAt()
	assert.Equal(t, r.CreatedAt(), at)
	assert.Equal(t, "12:30", text)
}

func TestNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Habibi": "Habibi", "  Habibi\t\n": "Habibi", "\u00a0Habibi\u3000": "Habibi", "a  b": "a  b",
		"Cafe\u0301": "Café", "ﬁ": "ﬁ", "가": "가", "a/b%c#d?e&f": "a/b%c#d?e&f", "a.": "a.",
		strings.Repeat("🧆", 200): strings.Repeat("🧆", 200),
	} {
		name, err := review.ParseName(text)
		require.NoError(t, err, "%q", text)
		assert.Equal(t, want, string(name))
	}
	for _, text := range []string{"", " ", "\u2003\n", ".", "..", " .. ", "...", "/", "//", ". /", "a\x00b", "a\u0085b", "a\nb", "\xff", strings.Repeat("a", 201), strings.Repeat("a", 1<<20)} {
		_, err := review.ParseName(text)
		var invalid *review.InvalidError
		require.ErrorAs(t, err, &invalid, "%.20q", text)
		assert.Equal(t, "restaurant", invalid.Violations[0].Field)
	}
}

func FuzzParseName(f *testing.F) {
	for _, seed := range []string{"Habibi", " x ", "Cafe\u0301", "\u0344", "a\u0000", "..", "ΐ", "ﷺ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := review.ParseName(text)
		if err != nil {
			return
		}
		if n := utf8.RuneCountInString(string(name)); n < 1 || n > review.MaxNameLength || !norm.NFC.IsNormalString(string(name)) {
			t.Errorf("%q gives %q", text, name)
		}
		if again, err := review.ParseName(string(name)); err != nil || again != name {
			t.Errorf("%q gives %q, which gives %q, %v", text, name, again, err)
		}
	})
}

func TestARestaurantIsTheSumOfItsReviews(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		revisions := rapid.SliceOf(rapid.Custom(func(t *rapid.T) review.Revision {
			return review.Revision{
				Rating:   review.MustDecimal(rapid.StringMatching(`[0-4]\.[1-9]`).Draw(t, "rating")),
				Cost:     review.MustDecimal(rapid.StringMatching(`[0-9]{1,8}\.[0-9]{1,4}`).Draw(t, "cost")),
				Currency: rapid.SampledFrom([]string{"EUR", "JPY", "JOD"}).Draw(t, "currency"),
			}
		})).Draw(t, "revisions")
		var r review.Restaurant
		for _, revision := range revisions {
			r = r.With(revision)
		}
		assert.EqualValues(t, len(revisions), r.Reviews)
		var counted int64
		for _, average := range r.AverageCosts() {
			counted += average.Reviews
			assert.GreaterOrEqual(t, average.Amount.Sign(), 0)
		}
		assert.Equal(t, r.Reviews, counted)
		if r.Reviews > 0 {
			assert.LessOrEqual(t, r.AverageRating().Cmp(review.MaxRating), 0)
			assert.Positive(t, r.AverageRating().Sign())
		}
		for _, revision := range revisions {
			r = r.Without(revision)
		}
		assert.Zero(t, r.Reviews)
		assert.Zero(t, r.Ratings.Sign())
		assert.Empty(t, r.Costs)
	})
}

func TestAverageCostsAreInEachCurrencysMinorUnit(t *testing.T) {
	t.Parallel()
	var r review.Restaurant
	for _, cost := range []struct{ amount, currency string }{{"1000", "JPY"}, {"1001", "JPY"}, {"1001", "JPY"}, {"1.5", "EUR"}, {"2", "EUR"}, {"1.2345", "JOD"}} {
		r = r.With(review.Revision{Rating: review.MustDecimal("4"), Cost: review.MustDecimal(cost.amount), Currency: cost.currency})
	}
	var shown []string
	for _, average := range r.AverageCosts() {
		shown = append(shown, average.Amount.String()+" "+average.Currency)
	}
	assert.Equal(t, []string{"1001 JPY", "1.75 EUR", "1.234 JOD"}, shown)
}
