#include "verification/inquiry.h"

#include "async/all_of.h"
#include "async/first_of.h"

#include <utility>
#include <vector>

namespace tegami::verification {

namespace {

trust::AnswerKind kind_of(net::DnsStatus status) {
    switch (status) {
    case net::DnsStatus::no_error: return trust::AnswerKind::records;
    case net::DnsStatus::no_data: return trust::AnswerKind::no_data;
    case net::DnsStatus::name_does_not_exist: return trust::AnswerKind::no_name;
    case net::DnsStatus::server_failure:
    case net::DnsStatus::timed_out:
    case net::DnsStatus::bogus: return trust::AnswerKind::failure;
    }
    std::unreachable();
}

/// What is in a text, or an address or name with what goes with it.
std::size_t bytes_of(const dns::Data& data) {
    constexpr std::size_t kOtherBytes = 16;
    std::size_t bytes = kOtherBytes;
    if (const auto* const text = std::get_if<dns::TxtData>(&data))
        for (const std::string& each : text->strings)
            bytes += each.size();
    return bytes;
}

} // namespace

trust::Answer to_answer(net::DnsAnswer answer) {
    return {.kind = kind_of(answer.status),
            .secure = answer.secure,
            .records = std::move(answer.records),
            .aliases = std::move(answer.aliases),
            .ttl_seconds = answer.ttl_seconds};
}

async::Awaitable<> Inquiry::ask(trust::OpenQuestions open) {
    std::vector<async::Awaitable<>> works;
    for (trust::Question& question : open) {
        if (answers_.contains(question)) continue;
        const bool may_ask = asked_ < kQuestionsMax;
        if (may_ask) ++asked_;
        auto known = may_ask ? resolver_.remembered(question.name, question.type) : std::nullopt;
        if (known) {
            take(std::move(question), *std::move(known));
            continue;
        }
        // Until it is answered, and if it never is.
        answers_.add(question, {});
        if (may_ask) works.push_back(ask_one(std::move(question)));
    }
    if (works.empty() || timers_.instant() >= deadline_) co_return;
    co_await async::first_of(async::all_of(std::move(works)), async::sleep_until(&timers_, deadline_));
}

async::Awaitable<> Inquiry::ask_one(trust::Question question) {
    net::DnsAnswer answer = co_await resolver_.query(question.name, question.type);
    take(std::move(question), std::move(answer));
}

void Inquiry::take(trust::Question question, net::DnsAnswer answer) {
    for (const dns::Record& record : answer.records)
        answer_bytes_ += bytes_of(record.data);
    answers_.add(std::move(question), to_answer(std::move(answer)));
}

} // namespace tegami::verification
