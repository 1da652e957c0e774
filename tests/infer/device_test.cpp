#include "spine/infer/device.h"

#include "support/catch.h"

#include "spine/core/error.h"

TEST_CASE("Devices are chosen by name") {
  CHECK(spine::choose_device("cpu").is_cpu());
  CHECK(spine::choose_device("auto").is_cuda() == torch::cuda::is_available());
  for (const char* name : {"gpu", "", "cuda:", "cuda:x", "cuda:9999", "cuda:999"}) {
    INFO(name);
    CHECK_THROWS_AS(spine::choose_device(name), spine::Error);
  }
}

TEST_CASE("Channels-last layout changes no value") {
  torch::manual_seed(1);
  torch::nn::Conv2d conv(torch::nn::Conv2dOptions(4, 5, 3));
  const auto before = conv->weight.detach().clone();
  spine::use_channels_last(*conv);
  CHECK(torch::equal(conv->weight, before));
  CHECK(conv->weight.is_contiguous(at::MemoryFormat::ChannelsLast));
}
