package samples

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/pretendfriend/falafel-api/api/review"
)

// names that break programs, each with why.
var edgeNames = []string{
	"%", "100% Falafel", "%2F", "%00", "%zz", "a%20b", // looks like an escape
	"#1 Falafel", "Who? Falafel!", "a/b", "../../etc/passwd", "a/../b", `C:\falafel`, "falafel;v=1", "a&b=c", "a+b", "a b", // means something in a URL
	"RESTAURANT#Habibi", "REVIEW#1", "SUMMARY", "CURSOR_KEY", "newest#0", // looks like a key of the table
	`<script>alert("falafel")</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `'; DROP TABLE reviews; --`, `{{7*7}}`, "${7*7}", "`id`", "$(id)", // looks like code
	"=1+1", "-", "--help", "NULL", "null", "undefined", "NaN", "true", "0", "-0", "1e400", "[object Object]", // looks like another type
	"فلافل القمر", "פלאפל השלום", "Falafel فلافل Falafel", "\u202eletallaf\u202c", // right to left, and both ways
	"🧆", "👨‍👩‍👧‍👦 Falafel", "🇱🇧 Beirut", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", // emoji of several code points
	"Cafe\u0301", "Ｆａｌａｆｅｌ", "ﬁlafel", "İstanbul", "ISTANBUL", "ıstanbul", "Straße", "STRASSE", "Ǆ", // forms, and letters that change when case does
	"Ali", "ALI", "ali", // three restaurants, one place in the list by name
	"a\u200bb", "a\u00adb", "a\u2028b", "\ufeffBOM", "Z̷̛̤a̸͝l̵g̸o̷", // what is not seen, and what is too much
	"  spaces around  ", "two  spaces", "\u3000wide\u3000", "zero\u2060width",
	"\U0010fffd", "\ufffd", // the last character, and the one for what is none
}

// makeEdge makes reviews at the ends of what the rules allow.
func makeEdge() ([]restaurantOf, error) {
	of := edge{draw: newDrawing("falafel at the edge"), at: begin}
	plain := review.Content{Rating: review.MustDecimal("4"), Cost: review.MustDecimal("8.5"), Currency: "EUR", Visited: "2026-01-01T12:00:00Z"}
	for _, name := range slices.Concat(edgeNames, longNames(), scriptNames()) {
		of.add(name, plain)
	}
	const restaurant = "Edges"
	for _, rating := range []string{"0.1", "0.5", "2.5", "4.9", "5"} {
		content := plain
		content.Rating = review.MustDecimal(rating)
		of.add(restaurant, content)
	}
	for _, cost := range []struct{ amount, currency string }{
		{"0", "EUR"},
		{"0.0001", "EUR"},
		{"99999999.9999", "EUR"},
		{"0.1", "USD"},
		{"1200", "JPY"},
		{"2.375", "KWD"},
		{"1.2345", "CLF"},
		{"1", "XOF"},
		{"3", "MRU"},
		{"7", "ISK"},
		{"9.99", "BTN"},
		{"15", "VUV"},
		{"0.5", "TOP"},
	} {
		content := plain
		content.Cost, content.Currency = review.MustDecimal(cost.amount), cost.currency
		of.add(restaurant, content)
	}
	for _, comment := range append([]string{
		strings.Repeat("ä", review.MaxCommentLength), strings.Repeat("🧆", review.MaxCommentLength), strings.Repeat("x", review.MaxCommentLength),
		"one line\nanother\r\nand\ta tab", "\n", " ", strings.Repeat("\n", 50),
	}, edgeNames...) {
		content := plain
		content.Comment = comment
		of.add(restaurant, content)
	}
	for _, visited := range []string{
		"12:30", "yesterday", "2023-10-03T14:30:00Z", "2023-10-03", "03.10.2023", "?", "🕛", "<b>noon</b>", // as clients of the earlier service send it
		"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T23:59:59.999999999-12:00", "2026-03-29T02:30:00+14:00",
	} {
		content := plain
		content.Visited = visited
		of.add("Earlier", content)
	}
	of.at = begin.AddDate(0, 1, 0) // all in the same millisecond
	for range 2*review.MaxPage + 1 {
		of.make("At once", plain, of.at)
	}
	for _, name := range []string{"Tied A", "Tied B", "Tied C"} { // the same average of as many
		of.add(name, plain)
		of.add(name, plain)
	}
	return asMade(of.restaurants()), of.err
}

func longNames() []string {
	return []string{
		strings.Repeat("x", review.MaxNameLength), strings.Repeat("ä", review.MaxNameLength), strings.Repeat("🧆", review.MaxNameLength),
		strings.Repeat("ΐ", review.MaxNameLength),                                                            // three times as long when its case is folded
		strings.Repeat("W ", review.MaxNameLength/2-1) + "W", strings.Repeat("%", review.MaxNameLength), "x", // the shortest
	}
}

// scriptNames has a name in each script that Unicode knows.
func scriptNames() (names []string) {
	for _, script := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		var letters []rune
		table := unicode.Scripts[script]
		for r := rune(0x21); r <= unicode.MaxRune && len(letters) < 8; r++ {
			if unicode.Is(table, r) && unicode.IsLetter(r) {
				letters = append(letters, r)
			}
		}
		if len(letters) > 0 {
			names = append(names, script+" "+string(letters))
		}
	}
	return names
}

// edge makes one review a minute.
type edge struct {
	draw  drawing
	at    time.Time
	names []review.Name
	by    map[review.Name][]review.Review
	err   error
}

func (e *edge) add(restaurant string, content review.Content) {
	e.at = e.at.Add(time.Minute)
	e.make(restaurant, content, e.at)
}

func (e *edge) make(restaurant string, content review.Content, at time.Time) {
	name, err := review.ParseName(restaurant)
	var made review.Review
	if err == nil {
		made, err = e.draw.review(name, content, at)
	}
	if err != nil {
		if e.err == nil {
			e.err = fmt.Errorf("profile edge: %q: %w", restaurant, err)
		}
		return
	}
	if e.by == nil {
		e.by = map[review.Name][]review.Review{}
	}
	if _, known := e.by[name]; !known {
		e.names = append(e.names, name)
	}
	e.by[name] = append(e.by[name], made)
}

func (e *edge) restaurants() (all [][]review.Review) {
	for _, name := range e.names {
		all = append(all, e.by[name])
	}
	return all
}
