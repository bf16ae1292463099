package main

import "github.com/grafana/grafana-foundation-sdk/go/units"

// business is for whoever asks what people do with it.
func business() board {
	return board{
		file: "business.json", uid: "falafel-business", title: "Falafel API: business",
		description: "What people write and read, and how far the earlier API's clients have moved.",
		rows:        []row{{"Reviews", reviews()}, {"Ratings", ratings()}, {"Clients", clients()}},
	}
}

func reviews() []panel {
	return []panel{
		{
			title: "Reviews in the time that is shown", kind: number, width: 18, unit: units.Short,
			description: "Reviews that were created, replaced, deleted and imported. Restarts of the service are allowed for.",
			queries:     []query{{expr: "round(sum by (change) (increase(falafel_reviews_written_total[$__range])))", legend: "{{change}}", at: latest}},
		},
		{
			title: "New restaurants", kind: number, width: 6, unit: units.Short,
			description: "Restaurants that got their first review in the time that is shown.",
			queries:     []query{{expr: "round(sum(increase(falafel_restaurants_added_total[$__range])))", legend: "restaurants", at: latest}},
		},
		{
			title: "Reviews a minute", kind: graph, width: 12, unit: units.CountsPerMinute, stacked: true,
			description: "By what was done. An import of many reviews is one request.",
			queries:     []query{{expr: "sum by (change) (rate(falafel_reviews_written_total[$__rate_interval])) * 60", legend: "{{change}}"}},
		},
		{
			title: "New restaurants a minute", kind: graph, width: 12, unit: units.CountsPerMinute,
			description: "A restaurant begins to exist with its first review.",
			queries:     []query{{expr: "sum(rate(falafel_restaurants_added_total[$__rate_interval])) * 60", legend: "restaurants"}},
		},
	}
}

func ratings() []panel {
	return []panel{
		{
			title: "Distribution of ratings", kind: bars, width: 8, unit: units.Short,
			description: "Reviews that were created in the time that is shown, by rating: up to half a star, up to one, and so on.",
			queries:     []query{{expr: "round(sum by (le) (increase(falafel_review_rating_bucket[$__range])))", legend: "{{le}}", at: latest}},
		},
		{
			title: "Ratings over time", kind: heat, width: 8, unit: units.Short,
			description: "The same over time. A band that appears at one end at once is a campaign rather than taste.",
			queries:     []query{{expr: "sum by (le) (increase(falafel_review_rating_bucket[$__rate_interval]))", legend: "{{le}}"}},
		},
		{
			title: "Average rating", kind: graph, width: 8, unit: units.Short,
			description: "Of the reviews that are created.",
			queries:     []query{{expr: "sum(rate(falafel_review_rating_sum[$__rate_interval])) / sum(rate(falafel_review_rating_count[$__rate_interval]))", legend: "average"}},
		},
	}
}

func clients() []panel {
	return []panel{
		{
			title: "Requests by API", kind: graph, width: 12, unit: units.RequestsPerSecond, stacked: true,
			description: "The earlier service's routes beside version 1.",
			queries: []query{
				{expr: `sum(rate(http_requests_total{route=~"/v1/.+"}[$__rate_interval]))`, legend: "v1"},
				{expr: `sum(rate(http_requests_total{route="/data"}[$__rate_interval]))`, legend: "earlier (/data)"},
			},
		},
		{
			title: "Moved to v1", kind: number, width: 6, unit: units.PercentUnit,
			description: "Version 1's share of the requests in the time that is shown. At 100 % for weeks, nobody needs /data any more.",
			queries: []query{{
				expr:   `sum(increase(http_requests_total{route=~"/v1/.+"}[$__range])) / sum(increase(http_requests_total{route=~"/v1/.+|/data"}[$__range]))`,
				legend: "v1", at: latest,
			}},
			steps: []step{{lowest, warning}, {0.99, good}},
		},
		{
			title: "Replays in the time that is shown", kind: number, width: 6, unit: units.Short,
			description: "Reviews that were sent again with the same Idempotency-Key, and not stored twice.",
			queries:     []query{{expr: "round(sum(increase(falafel_idempotency_replays_total[$__range])))", legend: "replays", at: latest}},
		},
		{
			title: "Replays a minute", kind: graph, width: 24, unit: units.CountsPerMinute,
			description: "Clients that try again. Many are a network, or a client, that has trouble.",
			queries:     []query{{expr: "sum(rate(falafel_idempotency_replays_total[$__rate_interval])) * 60", legend: "replays"}},
		},
	}
}
