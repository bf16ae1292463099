/** What a review needs. */
export const review = { rating: 4.5, visited_at: "2026-11-20T12:30:00+01:00", cost: 8.5 };

/** A name that no other test has. */
export function newRestaurant(): string {
  return `Test ${crypto.randomUUID()}`;
}

/** The error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
