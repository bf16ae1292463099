package rest

import "github.com/danielgtaylor/huma/v2"

// linkOperations says where a client goes from an answer: OpenAPI's links, by which
// tools that test in sequences find their way, too.
func linkOperations(document *huma.OpenAPI) {
	links := map[string]map[string]*huma.Link{}
	operations(document, func(operation *huma.Operation) {
		success := operation.Responses["200"]
		if success == nil {
			success = operation.Responses["201"]
		}
		if success != nil {
			success.Links = map[string]*huma.Link{}
			links[operation.OperationID] = success.Links
		}
	})
	const body, etag = "$response.body#", "$response.header.ETag"

	// from adds a link to an operation on one review, whose restaurant and id the answer
	// has under these pointers, with a header if there is one.
	from := func(id, name, description, target, restaurant, review, header string) {
		parameters := map[string]any{"path.restaurant": body + restaurant}
		if review != "" {
			parameters["path.id"] = body + review
		}
		if header != "" {
			parameters["header."+header] = etag
		}
		links[id][name] = &huma.Link{OperationID: target, Description: description, Parameters: parameters}
	}
	for _, id := range []string{"createReview", "getReview", "replaceReview", "patchReview"} {
		if id == "getReview" {
			from(id, "getReviewIfChanged", "Read the review if it has changed.", "getReview", "/restaurant", "/id", "If-None-Match")
		} else {
			from(id, "getReview", "Read the review.", "getReview", "/restaurant", "/id", "")
		}
		from(id, "replaceReview", "Replace it, unless somebody has changed it.", "replaceReview", "/restaurant", "/id", "If-Match")
		from(id, "patchReview", "Change parts of it, unless somebody has changed it.", "patchReview", "/restaurant", "/id", "If-Match")
		from(id, "deleteReview", "Delete it, unless somebody has changed it.", "deleteReview", "/restaurant", "/id", "If-Match")
		from(id, "getRestaurant", "Read what its restaurant's reviews add up to.", "getRestaurant", "/restaurant", "", "")
		from(id, "listRestaurantReviews", "List its restaurant's reviews.", "listRestaurantReviews", "/restaurant", "", "")
	}
	for _, id := range []string{"listReviews", "listRestaurantReviews"} {
		from(id, "getReview", "Read the first review.", "getReview", "/items/0/restaurant", "/items/0/id", "")
	}
	from("listRestaurants", "getRestaurant", "Read the first restaurant.", "getRestaurant", "/items/0/name", "", "")
	from("listRestaurants", "listRestaurantReviews", "List the first restaurant's reviews.", "listRestaurantReviews", "/items/0/name", "", "")
	from("getRestaurant", "getLastReview", "Read its newest review.", "getReview", "/name", "/last_review/id", "")
	from("getRestaurant", "listRestaurantReviews", "List its reviews.", "listRestaurantReviews", "/name", "", "")
	links["createEarlierReview"]["listEarlierReviews"] = &huma.Link{
		OperationID: "listEarlierReviews", Description: "List its restaurant's reviews.",
		Parameters: map[string]any{"query.falafel_restaurant": body + "/falafel_restaurant"},
	}
}
