package samples

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/pretendfriend/falafel-api/api/review"
)

// perRestaurant is how many reviews a restaurant has on average.
const perRestaurant = 50

// loadSpan is the time over which the reviews of a restaurant were made.
const loadSpan = 300 * 24 * time.Hour

// makeLoad makes as many reviews as it is told. The restaurant of rank n has a share of 1/n,
// which is Zipf's law: the first of a hundred has a fifth of all reviews.
func makeLoad(size int) ([]restaurantOf, error) {
	var restaurants []restaurantOf
	for i, reviews := range zipf(size, max(1, size/perRestaurant)) {
		restaurants = append(restaurants, func() ([]review.Review, error) { return loadOf(i+1, reviews) })
	}
	return restaurants, nil
}

// zipf shares size out. Each gets one at least; what rounding leaves goes to the first.
func zipf(size, shares int) []int {
	var harmonic float64
	for rank := 1; rank <= shares; rank++ {
		harmonic += 1 / float64(rank)
	}
	counts, given := make([]int, shares), 0
	for i := range counts {
		counts[i] = max(1, int(math.Floor(float64(size)/harmonic/float64(i+1))))
		given += counts[i]
	}
	counts[0] += size - given
	return counts
}

var (
	loadKinds    = []string{"Falafel", "Falafel & Co.", "Grill", "Imbiss", "Palace", "Corner", "Express", "Garden"}
	loadPlaces   = []string{"Aleppo", "Beirut", "Berlin", "Cairo", "Haifa", "Kreuzberg", "Nablus", "Paris", "Tunis", "Wedding"}
	loadComments = []string{
		"", "", "", // most say nothing
		"Crisp.", "Too much oil.", "The best in town, and the queue knows it.", "Fresh herbs, warm bread, good sauce.",
		"Came back twice. The second time it was cold, the third time it was perfect again. Ask for the one with aubergine, and take a seat at the window.",
	}
	loadCurrencies = []string{"EUR", "EUR", "EUR", "USD", "ILS"}
)

// loadOf makes the reviews of the restaurant of a rank.
func loadOf(rank, count int) ([]review.Review, error) {
	draw := newDrawing("falafel load " + strconv.Itoa(rank))
	pick := func(n int) int { return int(draw.Uint64() % uint64(n)) } //nolint:gosec // below n, an int
	name, err := review.ParseName(fmt.Sprintf("%s %s %d", loadKinds[pick(len(loadKinds))], loadPlaces[pick(len(loadPlaces))], rank))
	if err != nil {
		return nil, err
	}
	currency, good := loadCurrencies[pick(len(loadCurrencies))], pick(20) // a better restaurant has better reviews
	reviews := make([]review.Review, count)
	between := loadSpan / time.Duration(count)
	for i := range reviews {
		created := begin.Add(time.Duration(i)*between + time.Duration(pick(int(between.Milliseconds())+1))*time.Millisecond)
		rating := min(50, 11+good+pick(20))
		reviews[i], err = draw.review(name, review.Content{
			Rating: review.MustDecimal(fmt.Sprintf("%d.%d", rating/10, rating%10)), Cost: review.MustDecimal(fmt.Sprintf("%d.%02d", 3+pick(12), 5*pick(20))),
			Currency: currency, Comment: loadComments[pick(len(loadComments))], Visited: created.Add(-time.Duration(pick(48)+1) * time.Hour).Truncate(time.Minute).Format(time.RFC3339),
		}, created)
		if err != nil {
			return nil, err
		}
	}
	return reviews, nil
}
