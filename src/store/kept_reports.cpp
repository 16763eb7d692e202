#include "store/kept_reports.h"

#include "store/account_records.h"
#include "store/tally_records.h"

namespace tegami::store {

async::Awaitable<StoreResult<Keeping>> KeptReports::keep(ReportWay way, KeptReport report) {
    if (report.value.size() > kKeptReportBytesMax)
        co_return failure(Error{ErrorCode::invalid, "the report is too long"});
    const async::Mutex::Lock one_at_a_time = co_await keeping_.lock();
    const Domain domain = record::tally_domain(report.place.day);
    const std::string key = record::kept_report_key(way, report);
    Batch batch{.domain = domain, .expected = {}, .assertions = {}, .operations = {}};
    if (way == ReportWay::received) {
        CO_TRY(const std::optional<std::string> known, co_await engine_->get(domain, key));
        if (known) co_return Keeping::known;
        CO_TRY(const std::optional<std::string> counted,
               co_await engine_->get(domain, record::kept_count_key(report.place)));
        const std::uint64_t count = counted ? record::decode_number(*counted).value_or(0) : 0;
        if (count >= kReceivedReportsMax) co_return Keeping::too_many;
        batch.operations.emplace_back(Put{record::kept_count_key(report.place), record::encode_number(count + 1)});
    }
    batch.operations.emplace_back(Put{key, record::encode_kept_report(report)});
    CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    co_return Keeping::kept;
}

async::Awaitable<StoreResult<KeptPage>> KeptReports::page(ReportWay way, TallyPlace place, std::string from) {
    const std::string prefix = record::kept_report_prefix(way, place);
    if (from.empty()) from = prefix;
    Range range{.begin = std::move(from), .end = record::behind(prefix), .rows_max = kKeptPageMax};
    CO_TRY(const Page found, co_await engine_->scan(record::tally_domain(place.day), std::move(range)));
    KeptPage page;
    for (const Row& row : found.rows)
        if (auto report = record::decode_kept_report(place.day, row.key, row.value))
            page.reports.push_back(*std::move(report));
    if (found.more && !found.rows.empty()) page.next = found.rows.back().key + '\0';
    co_return page;
}

} // namespace tegami::store
