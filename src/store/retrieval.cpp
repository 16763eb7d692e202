#include "store/retrieval.h"

namespace tegami::store {

bool is_traced(Timestamp internal_date, Timestamp now) {
    return now - internal_date <= kRetrievalAgeMax;
}

void record_retrieval(Journeys& journeys, Retrieval retrieval) {
    if (retrieval.journey.empty()) return;
    journeys.record({.journey = std::move(retrieval.journey),
                     .time = {},
                     .kind = "retrieved",
                     .fields = {{"account", std::move(retrieval.account)},
                                {"service", std::move(retrieval.service)},
                                {"client", std::move(retrieval.client)}},
                     .message_id = {},
                     .addresses = {}});
}

} // namespace tegami::store
