using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Tests.Hosting;

public class ImageRegistryTests
{
    [Theory]
    [InlineData("quay.io/ramalama/cuda:0.24", "r.example.com/ramalama/cuda:0.24")]
    [InlineData("vllm/vllm-openai:v0.30.0", "r.example.com/vllm/vllm-openai:v0.30.0")]
    [InlineData("localhost:5000/a@sha256:00", "r.example.com/a@sha256:00")]
    [InlineData("localhost/a/b", "r.example.com/a/b")]
    [InlineData("busybox:1", "r.example.com/busybox:1")]
    public void The_host_gives_way_and_the_path_stays(string image, string expected) => Assert.Equal(expected, ImageRegistry.From("r.example.com", image));

    [Fact]
    public void A_registry_may_have_a_path() => Assert.Equal("r.example.com:5000/mirror/quay/a:1", ImageRegistry.From("r.example.com:5000/mirror/", "quay.io/quay/a:1"));

    [Theory]
    [InlineData("registry.example.com:5000/mirror/", true)]
    [InlineData("localhost", true)]
    [InlineData("https://registry.example.com", false)]
    [InlineData("/mirror", false)]
    [InlineData("a b", false)]
    [InlineData("", false)]
    public void A_prefix_is_a_host_and_a_path(string text, bool expected) => Assert.Equal(expected, ImageRegistry.IsPrefix(text));
}
