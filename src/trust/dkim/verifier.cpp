#include "trust/dkim/verifier.h"

#include "base/assert.h"
#include "trust/dkim/checks.h"

namespace tegami::dkim {

void Verifier::feed(std::string_view octets) {
    if (!body_) {
        octets.remove_prefix(header_.feed(octets));
        if (!header_.reached_end()) return;
        end_header();
    }
    body_->feed(octets);
}

void Verifier::finish() {
    if (!body_) end_header();
    body_->finish();
}

void Verifier::end_header() {
    const message::Header header(header_.octets());
    header_too_long_ = header_.truncated() || header.truncated();
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
    header_.clear();
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
        const BodyHash body = body_->find(candidate.signature->body);
        result.unsigned_octets = body.left_out;
        result.fault = check_times(*candidate.signature, now);
        if (result.fault.reason != Reason::verified) continue;
        const auto answer = answers.find(candidate.signature->key_name, dns::Type::txt);
        if (!answer) {
            trust::merge(open, answer.error());
            continue;
        }
        const KeyCheck check = check_key(*candidate.signature, **answer, *keys, candidate.header_digest,
                                         check_body(*candidate.signature, body));
        result.fault = check.fault;
        result.testing = check.testing;
    }
    if (!open.empty()) return failure(std::move(open));
    return results;
}

bool Verifier::covers(std::size_t place, std::string_view field) const {
    const auto& signature = candidates_.at(place).signature;
    return signature && std::ranges::any_of(signature->signed_names,
                                            [field](std::string_view name) { return ascii::iequals(name, field); });
}

} // namespace tegami::dkim
