// Whatever lies in a record: decoding ends, within bounds, and what decodes can be written again.
#include "store/account_records.h"
#include "store/card_records.h"
#include "store/journey_records.h"
#include "store/page_records.h"
#include "store/policy_records.h"
#include "store/queue_records.h"
#include "store/sort_records.h"
#include "store/tally_records.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::store;
    if (size == 0) return 0;
    const std::string_view value(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 15) {
    case 0: (void)record::decode_account(value); break;
    case 1: (void)record::decode_mailbox(MailboxId(1), value); break;
    case 2: (void)record::decode_log(value); break;
    case 3: (void)record::decode_email(1, value); break;
    case 4: (void)record::decode_delivery(value); break;
    case 5:
        if (const auto page = record::decode_page(1024, 1024, value)) (void)record::encode_page(*page);
        if (auto page = record::open_page(1024, 1024, std::string(value)))
            (void)record::encode_page(ViewPage(*std::move(page)).columns());
        break;
    case 6: (void)record::decode_delta(Uid(1), value); break;
    case 7: (void)record::decode_vanished(0, 1024, value); break;
    case 8: (void)record::decode_emails(0, 256, value); break;
    case 9: (void)record::decode_counts(256, value); break;
    case 10: (void)record::decode_queue_message(QueueId(1), value); break;
    case 11: (void)record::decode_removed_mailbox(value); break;
    case 12:
        if (const auto page = record::decode_cards(3, 64, value)) (void)record::encode_cards(page->cards);
        break;
    case 13:
        if (const auto page = record::decode_sort(3, 64, value, {.subject = true, .threads = true, .people = true}))
            (void)record::encode_sort(page->emails);
        break;
    default: (void)record::decode_queue_item({}, value); break;
    }
    (void)record::decode_journey_event(value, value);
    (void)record::decode_tally_row(value);
    (void)record::decode_tally_day(value);
    (void)record::decode_tally_sum({}, value, value);
    (void)record::decode_kept_report({}, value, value);
    (void)record::decode_kept_policy(value, value);
    (void)record::decode_queue_hold(value);
    return 0;
}
