// How the fields that we sign with are written: DKIM-Signature (RFC 6376 §3.5) and those of ARC, which have its tags.
#pragma once

#include "base/clock.h"
#include "trust/dkim/body_hash.h"
#include "trust/dkim/header_hash.h"
#include "trust/dkim/signing_key.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::dkim {

/// What a signature of a message covers of its body.
inline constexpr BodyScope kSignedBody{.form = Canonicalization::relaxed, .length = std::nullopt};

/// What it covers of the header; see signer.h.
std::vector<std::string> names_to_sign(const FieldIndex& index);

/// Appends pieces that belong together, folded between them.
class FoldedText {
public:
    explicit FoldedText(std::string text) : text_(std::move(text)), column_(text_.size()) {}

    /// `joint`: between this piece and the one before on the same line; a space, or nothing.
    void add(std::string_view piece, std::string_view joint = {});

    std::string take() && { return std::move(text_); }

private:
    std::string text_;
    std::size_t column_;
};

/// "a=…; KIND d=…; s=…; t=…;", where `kind` is a tag with its ";".
void add_key_tags(FoldedText& field, const SigningKey& key, std::string_view kind, Timestamp now);

/// These and the tags of a relaxed/relaxed signature of a message.
void add_message_tags(FoldedText& field, const SigningKey& key, const std::vector<std::string>& names,
                      std::string_view body_hash, Timestamp now);

/// The whole field with its line end, to which `b=` is added: the signature of `fields` and of the field itself,
/// relaxed.
std::string signed_field(FoldedText field, const std::vector<std::string_view>& fields, const SigningKey& key);

} // namespace tegami::dkim
