#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

namespace spine {

/// A module that only holds named children, as nn.Sequential and nn.ModuleList do in checkpoints.
template <typename T>
class Children : public torch::nn::Module {
 public:
  template <typename... Args>
  T& add(const std::string& name, Args&&... args) {
    items_.push_back(register_module(name, std::make_shared<T>(std::forward<Args>(args)...)));
    return *items_.back();
  }
  /// Children in the order in which they were added.
  [[nodiscard]] const std::vector<std::shared_ptr<T>>& items() const { return items_; }

 private:
  std::vector<std::shared_ptr<T>> items_;
};

}  // namespace spine
