#include "spine/infer/input_json.h"

#include "spine/nets/json_fields.h"

namespace spine {

nlohmann::json to_json(const InputSpec& input) {
  return {{"size", input.size}, {"views", input.views}, {"mean", input.mean}, {"std", input.std}};
}

InputSpec input_spec_from_json(const nlohmann::json& json, const std::string& where) {
  InputSpec input;
  JsonFields fields(json, where);
  fields.required("size", input.size);
  fields.required("views", input.views);
  fields.required("mean", input.mean);
  fields.required("std", input.std);
  fields.finish();
  if (input.size < 1 || input.views.empty() || !(input.std > 0)) {
    throw Error(ErrorKind::usage, where + ": expected size, views and std above zero");
  }
  return input;
}

}  // namespace spine
