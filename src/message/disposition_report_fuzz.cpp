#include "message/disposition_report.h"

#include "base/assert.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::message;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto fields = parse_notification(octets);
    if (!fields) return 0;
    ASSERT(fields->errors.size() + fields->extensions.size() <= kDispositionFieldsMax);
    // What may be written is read again as it was.
    bool sound = is_disposition_value(fields->final_recipient);
    for (const auto* const each :
         {&fields->reporting_ua, &fields->gateway, &fields->original_recipient, &fields->original_message_id})
        sound = sound && (!*each || is_disposition_value(**each));
    for (const std::string& error : fields->errors)
        sound = sound && is_disposition_value(error);
    for (const auto& [name, value] : fields->extensions)
        sound = sound && is_disposition_value(value) && name.size() < 100;
    if (sound) ASSERT(parse_notification(print_notification(*fields)) == fields);
    return 0;
}
