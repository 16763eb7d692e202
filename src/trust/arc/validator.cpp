#include "trust/arc/validator.h"

#include "base/assert.h"
#include "trust/dkim/checks.h"

namespace tegami::arc {
namespace {

using dkim::Canonicalization;
using dkim::SignatureKind;

/// The digest of a signature's own field and of what stands before it.
std::string digest_with(const dkim::Sha256& before, Canonicalization form, const Field& field) {
    const dkim::Tag* b = field.tags->find("b");
    return dkim::header_digest(before.copy(), form, field.text, field.value_at + b->begin, field.value_at + b->end);
}

void update(dkim::Sha256& hash, Canonicalization form, std::string_view field) {
    std::string text;
    dkim::append_canonical(text, form, field);
    hash.update(text);
}

} // namespace

void Validator::feed(std::string_view octets) {
    if (!body_) {
        octets.remove_prefix(header_.feed(octets));
        if (!header_.reached_end()) return;
        end_header();
    }
    body_->feed(octets);
}

void Validator::finish() {
    if (!body_) end_header();
    body_->finish();
}

void Validator::end_header() {
    const message::Header header(header_.octets());
    const Chain chain = read_chain({&header});
    flaw_ = chain.flaw;
    // Without all fields a chain that looks whole may have lost its newest part.
    if (!chain.sets.empty() && (header_.truncated() || header.truncated()))
        flaw_ = Flaw{.reason = Reason::header_too_long, .instance = 0, .fault = {}};
    std::vector<dkim::BodyScope> scopes;
    if (!flaw_ && !chain.sets.empty()) {
        dkim::FieldIndex index;
        index.add(header);
        sets_.resize(chain.sets.size());
        // RFC 8617 §5.1.1: a seal signs all fields of the sets so far, so one hash goes along with the chain.
        dkim::Sha256 before;
        for (std::size_t at = 0; at < sets_.size(); ++at) {
            CandidateSet& set = sets_[at];
            const SetFields& fields = chain.sets[at];
            set.results = fields.results.results;
            update(before, Canonicalization::relaxed, fields.results.text);
            update(before, Canonicalization::relaxed, fields.message_signature.text);
            set.seal.claims = dkim::read_claims(*fields.seal.tags, SignatureKind::arc_seal);
            set.seal.signature = dkim::parse_signature(*fields.seal.tags, SignatureKind::arc_seal);
            if (set.seal.signature)
                set.seal.header_digest = digest_with(before, Canonicalization::relaxed, fields.seal);
            update(before, Canonicalization::relaxed, fields.seal.text);
        }
        for (std::size_t at = sets_.size(); at-- > 0;) {
            Candidate& candidate = sets_[at].message_signature;
            candidate = read_message_signature(chain.sets[at].message_signature, index);
            if (candidate.signature) scopes.push_back(candidate.signature->body);
        }
    }
    body_.emplace(scopes);
    header_.clear();
}

Validator::Candidate Validator::read_message_signature(const Field& field, const dkim::FieldIndex& index) {
    Candidate candidate{.claims = dkim::read_claims(*field.tags, SignatureKind::arc_message_signature),
                        .signature = dkim::parse_signature(*field.tags, SignatureKind::arc_message_signature),
                        .header_digest = {},
                        .is_of_body = true};
    if (!candidate.signature) return candidate;
    dkim::Signature& signature = *candidate.signature;
    const std::vector<std::string_view> fields = dkim::choose_fields(index, signature.signed_names, field.text);
    signature.signed_names = {};
    hashed_header_bytes_ += field.text.size();
    for (const std::string_view one : fields)
        hashed_header_bytes_ += one.size();
    if (hashed_header_bytes_ > kHashedHeaderBytesMax) {
        candidate.signature = failure(dkim::Fault{.reason = dkim::Reason::over_limit, .tag = {}});
        return candidate;
    }
    dkim::Sha256 before;
    for (const std::string_view one : fields)
        update(before, signature.header_form, one);
    candidate.header_digest = digest_with(before, signature.header_form, field);
    return candidate;
}

/// What is wrong with the signature, or Fault{}; nothing if that is open.
std::optional<dkim::Fault> Validator::judge(const Candidate& candidate, const trust::DnsAnswers& answers, Timestamp now,
                                            dkim::KeyCache& keys, trust::OpenQuestions& open) const {
    if (!candidate.signature) return candidate.signature.error();
    const dkim::Signature& signature = *candidate.signature;
    dkim::Fault fault = dkim::check_times(signature, now);
    if (fault == dkim::Fault{} && candidate.is_of_body)
        fault = dkim::check_body(signature, body_->find(signature.body));
    if (fault != dkim::Fault{}) return fault;
    const auto answer = answers.find(signature.key_name, dns::Type::txt);
    if (answer) return dkim::check_key(signature, **answer, keys, candidate.header_digest, {}).fault;
    trust::merge(open, answer.error());
    return std::nullopt;
}

/// RFC 8617 §5.2; for steps 1 to 3 see read_chain().
trust::Evaluation<Verdict> Validator::evaluate(const trust::DnsAnswers& answers, Timestamp now,
                                               dkim::KeyCache* keys) const {
    ASSERT(body_);
    if (flaw_) return failed(flaw_->reason, flaw_->instance, flaw_->fault);
    if (sets_.empty()) return Verdict{};
    dkim::KeyCache of_this_call;
    if (keys == nullptr) keys = &of_this_call;
    trust::OpenQuestions open;
    const auto is_broken = [](const std::optional<dkim::Fault>& fault) { return fault && *fault != dkim::Fault{}; };
    const auto newest = static_cast<unsigned>(sets_.size());

    // 4. The newest message signature. Its seal is asked for at the same time: mostly the key is the same.
    const auto message_signature = judge(sets_.back().message_signature, answers, now, *keys, open);
    if (is_broken(message_signature)) return failed(Reason::message_signature_failed, newest, *message_signature);
    const auto newest_seal = judge(sets_.back().seal, answers, now, *keys, open);
    if (is_broken(newest_seal) && open.empty()) return failed(Reason::seal_failed, newest, *newest_seal);
    if (!open.empty()) return failure(std::move(open));

    // 5. How far back message signatures verify; those that are open may.
    unsigned oldest = newest;
    while (oldest > 1 && !is_broken(judge(sets_[oldest - 2].message_signature, answers, now, *keys, open)))
        --oldest;

    // 6. The other seals.
    for (unsigned instance = newest - 1; instance > 0; --instance) {
        const auto seal = judge(sets_[instance - 1].seal, answers, now, *keys, open);
        if (is_broken(seal)) return failed(Reason::seal_failed, instance, *seal);
    }
    if (!open.empty()) return failure(std::move(open));

    // 7. All is well.
    return passed(oldest == 1 ? 0 : oldest);
}

Verdict Validator::failed(Reason reason, std::size_t instance, const dkim::Fault& fault) const {
    Verdict verdict{.status = Status::fail,
                    .reason = reason,
                    .instance = static_cast<unsigned>(instance),
                    .fault = fault,
                    .sets = {}};
    for (const CandidateSet& set : sets_)
        verdict.sets.push_back(
            {.message_signature = set.message_signature.claims, .seal = set.seal.claims, .results = {}});
    return verdict;
}

Verdict Validator::passed(unsigned oldest_pass) const {
    Verdict verdict{.status = Status::pass, .reason = Reason::verified, .fault = {}, .sets = {}};
    verdict.oldest_pass = oldest_pass;
    verdict.unsigned_octets = body_->find(sets_.back().message_signature.signature->body).left_out;
    for (const CandidateSet& set : sets_)
        verdict.sets.push_back({.message_signature = set.message_signature.claims,
                                .seal = set.seal.claims,
                                .results = trust::parse_authentication_results(set.results)});
    return verdict;
}

} // namespace tegami::arc
