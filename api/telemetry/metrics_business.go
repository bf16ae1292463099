package telemetry

import "github.com/prometheus/client_golang/prometheus"

// businessMetrics are about what the service is for.
type businessMetrics struct {
	reviews     *prometheus.CounterVec
	ratings     prometheus.Histogram
	restaurants prometheus.Counter
}

// Change is what was done to a review.
type Change string

// The changes of a review.
const (
	Created  Change = "created"
	Replaced Change = "replaced"
	Deleted  Change = "deleted"
	Imported Change = "imported"
)

func newBusinessMetrics() businessMetrics {
	m := businessMetrics{
		reviews: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "falafel_reviews_written_total",
			Help: "Reviews that were written, by what was done to them.",
		}, []string{"change"}),
		ratings: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "falafel_review_rating", Help: "Ratings of the reviews that were created.",
			Buckets: prometheus.LinearBuckets(0.5, 0.5, 10),
		}),
		restaurants: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "falafel_restaurants_added_total", Help: "Restaurants that got their first review.",
		}),
	}
	for _, change := range []Change{Created, Replaced, Deleted, Imported} {
		m.reviews.WithLabelValues(string(change))
	}
	return m
}

func (m businessMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.reviews, m.ratings, m.restaurants}
}

// ReviewsWritten counts reviews that are stored, or are so no more.
func (m *Metrics) ReviewsWritten(change Change, reviews int) {
	if m == nil {
		return
	}
	m.business.reviews.WithLabelValues(string(change)).Add(float64(reviews))
}

// Rated notes the rating of a review that was created.
func (m *Metrics) Rated(rating float64) {
	if m == nil {
		return
	}
	m.business.ratings.Observe(rating)
}

// RestaurantAdded counts a restaurant that got its first review.
func (m *Metrics) RestaurantAdded() {
	if m == nil {
		return
	}
	m.business.restaurants.Inc()
}

// logMetrics are about the log.
type logMetrics struct {
	dropped prometheus.Counter
}

func newLogMetrics() logMetrics {
	return logMetrics{dropped: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "falafel_log_lines_dropped_total",
		Help: "Lines of the log that sampling left out.",
	})}
}

// LogLineDropped counts a line that was not written.
func (m *Metrics) LogLineDropped() {
	if m == nil {
		return
	}
	m.log.dropped.Inc()
}
