#include "reporting/tls_summary.h"

#include "async/turns.h"
#include "base/bytes.h"
#include "message/domain.h"

#include <algorithm>
#include <utility>

namespace tegami::reporting {

namespace {

constexpr std::uint8_t kTlsSummaryFormat = 1;

std::string cut_text(std::string_view text) {
    return std::string(text.substr(0, kTlsSummaryTextMax));
}

std::uint64_t plus(std::uint64_t one, std::uint64_t other) {
    return one > UINT64_MAX - other ? UINT64_MAX : one + other;
}

void keep_most(TlsSummary& summary) {
    std::ranges::sort(summary.failures, [](const auto& one, const auto& other) {
        return one.second != other.second ? one.second > other.second : one.first < other.first;
    });
    if (summary.failures.size() > kTlsFailuresKept) summary.failures.resize(kTlsFailuresKept);
}

} // namespace

std::map<std::string, TlsSummary> summarize(const tls_report::TlsReport& report) {
    std::map<std::string, TlsSummary> all;
    std::map<std::string, std::map<TlsFailure, std::uint64_t>> failures;
    for (const tls_report::PolicyResult& each : report.policies) {
        const auto domain = message::Domain::parse(each.policy.domain);
        if (!domain) continue;
        TlsSummary& summary = all[domain->ascii()];
        summary.succeeded = plus(summary.succeeded, each.succeeded);
        summary.failed = plus(summary.failed, each.failed);
        for (const tls_report::FailureDetail& detail : each.failures) {
            std::uint64_t& sessions =
                failures[domain->ascii()][{detail.type, cut_text(detail.receiving_host), cut_text(detail.reason)}];
            sessions = plus(sessions, detail.sessions);
        }
    }
    for (auto& [domain, summary] : all) {
        summary.organization = cut_text(report.organization);
        summary.report_id = cut_text(report.id);
        summary.failures.assign(failures[domain].begin(), failures[domain].end());
        keep_most(summary);
    }
    return all;
}

std::string encode_tls_summary(const TlsSummary& summary) {
    std::string out(1, static_cast<char>(kTlsSummaryFormat));
    for (const std::string* const text : {&summary.organization, &summary.report_id, &summary.author, &summary.journey})
        bytes::append_string(out, cut_text(*text));
    bytes::append_big_endian(out, static_cast<std::uint64_t>(summary.received.time_since_epoch().count()));
    bytes::append_varint(out, summary.succeeded);
    bytes::append_varint(out, summary.failed);
    const std::size_t count = std::min(summary.failures.size(), kTlsFailuresKept);
    bytes::append_varint(out, count);
    for (std::size_t at = 0; at < count; ++at) {
        const auto& [failure, sessions] = summary.failures[at];
        out.push_back(static_cast<char>(failure.type));
        bytes::append_string(out, cut_text(failure.host));
        bytes::append_string(out, cut_text(failure.reason));
        bytes::append_varint(out, sessions);
    }
    return out;
}

std::optional<TlsSummary> decode_tls_summary(std::string_view octets) {
    bytes::Reader in(octets);
    if (in.big_endian<std::uint8_t>() != kTlsSummaryFormat) return std::nullopt;
    TlsSummary summary;
    for (std::string* const text : {&summary.organization, &summary.report_id, &summary.author, &summary.journey})
        *text = cut_text(in.string());
    summary.received = Timestamp(Timestamp::duration(static_cast<std::int64_t>(in.big_endian<std::uint64_t>())));
    summary.succeeded = in.varint();
    summary.failed = in.varint();
    const std::uint64_t count = in.varint();
    if (count > kTlsFailuresKept) return std::nullopt;
    for (std::uint64_t left = count; left > 0 && !in.failed(); --left) {
        const auto type = in.big_endian<std::uint8_t>();
        if (type > static_cast<std::uint8_t>(tls_report::kLastResultType)) return std::nullopt;
        TlsFailure failure{.type = static_cast<tls_report::ResultType>(type), .host = {}, .reason = {}};
        failure.host = cut_text(in.string());
        failure.reason = cut_text(in.string());
        const std::uint64_t sessions = in.varint();
        summary.failures.emplace_back(std::move(failure), sessions);
    }
    if (!in.complete()) return std::nullopt;
    return summary;
}

void TlsTotals::add(const TlsSummary& summary) {
    ++reports;
    succeeded = plus(succeeded, summary.succeeded);
    failed = plus(failed, summary.failed);
    for (const auto& [failure, sessions] : summary.failures) {
        if (failures.size() >= kTlsTotalsMax && !failures.contains(failure)) continue;
        std::uint64_t& all = failures[failure];
        all = plus(all, sessions);
    }
    const Reporter reporter{.organization = summary.organization, .author = summary.author};
    if (reporters.size() >= kReportersMax && !reporters.contains(reporter)) return;
    ReporterSums& of = reporters[reporter];
    ++of.reports;
    of.letters = plus(of.letters, plus(summary.succeeded, summary.failed));
}

namespace {

async::Awaitable<store::StoreResult<>> add_reports(store::KeptReports* reports, store::ReportWay way,
                                                   store::TallyPlace place, TlsOverview* overview) {
    std::string from;
    do {
        CO_TRY(const store::KeptPage page, co_await reports->page(way, place, std::move(from)));
        for (const store::KeptReport& report : page.reports) {
            co_await async::give_way();
            if (way == store::ReportWay::received) {
                if (const auto summary = decode_tls_summary(report.value))
                    overview->domains[report.place.domain].add(*summary);
            } else if (auto sent = decode_sent_report(report.value)) {
                ++overview->sent_count;
                if (overview->sent.size() < kSentListedMax)
                    overview->sent.push_back({.place = report.place, .report = *std::move(sent)});
            }
        }
        from = page.next;
    } while (!from.empty());
    co_return store::StoreResult<>{};
}

} // namespace

async::Awaitable<store::StoreResult<TlsOverview>> tls_overview(store::Engine* engine, std::vector<std::string> domains,
                                                               std::chrono::sys_days first,
                                                               std::chrono::sys_days last) {
    store::KeptReports reports(engine);
    TlsOverview overview;
    for (const std::string& domain : domains)
        overview.domains.try_emplace(domain);
    for (std::chrono::sys_days day = last; day >= first; day -= std::chrono::days(1)) {
        store::TallyPlace place{.kind = store::TallyKind::tls, .day = day, .domain = ""};
        CO_TRY_VOID(co_await add_reports(&reports, store::ReportWay::sent, place, &overview));
        for (const std::string& domain : domains) {
            place.domain = domain;
            CO_TRY_VOID(co_await add_reports(&reports, store::ReportWay::received, place, &overview));
        }
    }
    co_return overview;
}

} // namespace tegami::reporting
