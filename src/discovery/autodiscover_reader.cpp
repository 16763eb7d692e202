#include "base/ascii.h"
#include "base/freer.h"
#include "discovery/autodiscover.h"
#include "discovery/xml_text.h"

#include <expat.h>

#include <memory>
#include <type_traits>

namespace tegami::discovery {

namespace {

/// Limit: levels of elements: Autodiscover, Request, EMailAddress.
constexpr std::size_t kDepthMax = 8;

/// Between namespace and name in what expat gives us; no octet of XML.
constexpr char kNamespaceEnd = '\x1f';

struct RequestDraft {
    XML_Parser parser = nullptr;
    AutodiscoverRequest request;
    std::size_t depth = 0;
    std::string* field = nullptr; ///< where the text of the element goes
    bool bad = false;
};

std::string_view local_name(std::string_view name) {
    return name.substr(name.rfind(kNamespaceEnd) + 1);
}

void stop(RequestDraft& draft) {
    draft.bad = true;
    XML_StopParser(draft.parser, XML_FALSE);
}

void XMLCALL on_start(void* user, const XML_Char* name, const XML_Char**) {
    auto& draft = *static_cast<RequestDraft*>(user);
    const std::string_view local = local_name(name);
    if (draft.depth == 0 && local != "Autodiscover") return stop(draft);
    if (++draft.depth > kDepthMax) return stop(draft);
    draft.field = nullptr;
    constexpr std::size_t kFieldDepth = 3;
    if (draft.depth != kFieldDepth) return;
    if (local == "EMailAddress") draft.field = &draft.request.address;
    if (local == "AcceptableResponseSchema") draft.field = &draft.request.schema;
    if (draft.field != nullptr) draft.field->clear();
}

void XMLCALL on_end(void* user, const XML_Char*) {
    auto& draft = *static_cast<RequestDraft*>(user);
    --draft.depth;
    draft.field = nullptr;
}

void XMLCALL on_text(void* user, const XML_Char* text, int size) {
    auto& draft = *static_cast<RequestDraft*>(user);
    if (draft.field != nullptr) draft.field->append(text, static_cast<std::size_t>(size));
}

/// It could name entities that grow without end; no program sends one.
void XMLCALL on_document_type(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    stop(*static_cast<RequestDraft*>(user));
}

} // namespace

std::optional<AutodiscoverRequest> read_autodiscover(std::string_view octets) {
    if (octets.size() > kAutodiscoverBytesMax) return std::nullopt;
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, Freer<XML_ParserFree>> parser(
        XML_ParserCreateNS(nullptr, kNamespaceEnd));
    RequestDraft draft{.parser = parser.get()};
    XML_SetUserData(parser.get(), &draft);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser.get(), on_document_type);
    const auto status = XML_Parse(parser.get(), octets.data(), static_cast<int>(octets.size()), XML_TRUE);
    if (status != XML_STATUS_OK || draft.bad) return std::nullopt;
    draft.request.address = ascii::trim(draft.request.address);
    draft.request.schema = ascii::trim(draft.request.schema);
    if (draft.request.address.empty()) return std::nullopt;
    return std::move(draft.request);
}

} // namespace tegami::discovery
