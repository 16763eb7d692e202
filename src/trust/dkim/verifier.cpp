#include "trust/dkim/verifier.h"

#include "base/assert.h"
#include "trust/dkim/key.h"

#include <algorithm>

namespace tegami::dkim {
namespace {

/// RFC 6376 §3.5 `t=`, `x=`
Fault check_times(const Signature& signature, Timestamp now) {
    const auto at = [](std::uint64_t seconds) {
        return std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
    };
    // In whole seconds: the largest that a signature can name is beyond what microseconds count.
    const auto today = std::chrono::floor<std::chrono::seconds>(now);
    if (signature.expires_at && at(*signature.expires_at) + kClockDrift < today)
        return {.reason = Reason::expired, .tag = "x"};
    if (signature.made_at && at(*signature.made_at) > today + kClockDrift)
        return {.reason = Reason::in_future, .tag = "t"};
    return {};
}

} // namespace

void Verifier::feed(std::string_view octets) {
    if (!body_) {
        const std::string_view of_header = octets.substr(0, header_end_.feed(octets));
        const std::size_t room = message::kHeaderBytesMax - header_bytes_.size();
        header_bytes_ += of_header.substr(0, room);
        header_too_long_ = header_too_long_ || of_header.size() > room;
        if (!header_end_.reached()) return;
        end_header();
        octets.remove_prefix(of_header.size());
    }
    body_->feed(octets);
}

void Verifier::finish() {
    if (!body_) end_header();
    body_->finish();
}

void Verifier::end_header() {
    const message::Header header(header_bytes_);
    header_too_long_ = header_too_long_ || header.truncated();
    const std::vector<const message::HeaderField*> fields = header.find_all("DKIM-Signature");
    FieldIndex index;
    if (!fields.empty()) index.add(header);
    for (const message::HeaderField* field : fields) {
        if (candidates_.size() == kSignaturesMax)
            ++left_out_;
        else
            candidates_.push_back(read(header, *field, index));
    }
    std::vector<BodyScope> scopes;
    for (const Candidate& candidate : candidates_)
        if (candidate.signature) scopes.push_back(candidate.signature->body);
    body_.emplace(scopes);
    header_bytes_ = std::string();
}

Verifier::Candidate Verifier::read(const message::Header& header, const message::HeaderField& field,
                                   const FieldIndex& index) {
    Candidate candidate;
    Fault& fault = candidate.result.fault;
    const auto tags = TagList::parse(header.raw_value(field));
    if (!tags) {
        fault = {.reason = Reason::signature_syntax, .tag = tags.error().name};
        return candidate;
    }
    candidate.result.claims = read_claims(*tags);
    auto signature = parse_signature(*tags);
    if (!signature) {
        fault = signature.error();
        return candidate;
    }
    if (header_too_long_) {
        fault = {.reason = Reason::header_too_long, .tag = {}};
        return candidate;
    }
    const std::vector<std::string_view> fields = choose_fields(index, signature->signed_names, header.text(field));
    hashed_header_bytes_ += field.length;
    for (const std::string_view one : fields)
        hashed_header_bytes_ += one.size();
    if (hashed_header_bytes_ > kHashedHeaderBytesMax) {
        fault = {.reason = Reason::over_limit, .tag = {}};
        return candidate;
    }
    const Tag* b = tags->find("b");
    const std::size_t value_at = field.value_offset - field.offset;
    candidate.header_digest =
        header_digest(signature->header_form, fields, header.text(field), value_at + b->begin, value_at + b->end);
    candidate.signature = *std::move(signature);
    return candidate;
}

trust::Evaluation<std::vector<SignatureResult>> Verifier::evaluate(const trust::DnsAnswers& answers, Timestamp now,
                                                                   KeyCache* keys) const {
    ASSERT(body_);
    KeyCache of_this_call;
    if (keys == nullptr) keys = &of_this_call;
    std::vector<SignatureResult> results;
    trust::OpenQuestions open;
    for (const Candidate& candidate : candidates_) {
        SignatureResult& result = results.emplace_back(candidate.result);
        if (!candidate.signature) continue;
        result.signed_length = candidate.signature->body.length;
        result.unsigned_octets = body_->find(candidate.signature->body).left_out;
        result.fault = check_times(*candidate.signature, now);
        if (result.fault.reason != Reason::verified) continue;
        const auto answer = answers.find(candidate.signature->key_name, dns::Type::txt);
        if (answer)
            judge(candidate, **answer, *keys, result);
        else
            trust::merge(open, answer.error());
    }
    if (!open.empty()) return failure(std::move(open));
    return results;
}

/// RFC 6376 §6.1.2: the record with which the signature verifies counts, or else the first that is a key.
void Verifier::judge(const Candidate& candidate, const trust::Answer& answer, KeyCache& keys,
                     SignatureResult& result) const {
    result.fault.reason = answer.kind == trust::AnswerKind::failure ? Reason::key_unavailable : Reason::key_missing;
    std::vector<std::string> records = trust::texts(answer);
    std::ranges::sort(records); // The order of an answer means nothing, so it must not change the verdict.
    records.resize(std::min(records.size(), kKeyRecordsMax));
    for (const std::string& record : records) {
        SignatureResult tried = result;
        const auto checked = check(candidate, record, keys, tried);
        tried.fault = checked ? Fault{} : checked.error();
        if (checked) {
            result = tried;
            return;
        }
        if (result.fault.reason == Reason::key_missing || result.fault.reason == Reason::key_syntax) result = tried;
    }
}

Result<void, Fault> Verifier::check(const Candidate& candidate, std::string_view record_text, KeyCache& keys,
                                    SignatureResult& result) const {
    const Signature& signature = *candidate.signature;
    TRY(const auto key, keys.find(record_text, signature.key_type));
    result.testing = key->record.testing;
    if (key->record.exact_identity && signature.identity_domain != signature.domain)
        return failure(Fault{.reason = Reason::identity_not_exact, .tag = "i"});
    const BodyHash body = body_->find(signature.body);
    if (body.digest.empty()) return failure(Fault{.reason = Reason::body_too_short, .tag = "l"});
    if (body.digest != signature.body_hash) return failure(Fault{.reason = Reason::body_hash_mismatch, .tag = "bh"});
    if (!key->key.verifies(candidate.header_digest, signature.octets))
        return failure(Fault{.reason = Reason::signature_mismatch, .tag = "b"});
    return {};
}

} // namespace tegami::dkim
