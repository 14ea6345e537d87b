using System.CommandLine;
using GpuStack.Modeling.Tests.Sources;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Commands.Run;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Tests.Supervision;

namespace GpuStack.Operator.Tests.Commands.Run;

public class SourceOptionsTests
{
    [Fact]
    public void A_registry_stands_before_default_images_and_given_ones()
    {
        var options = new RunOptions();
        var command = new Command("run");
        options.AddTo(command);

        var settings = options.Settings(
            command.Parse(["--image-registry", "r.example.com/mirror", "--vllm-image", "nvidia=docker.io/vllm/vllm-openai@sha256:00", "--helper-image", "ghcr.io/o/o:1"]), "own");

        Assert.Equal("r.example.com/mirror/ramalama/cuda:0.24", settings.LlamaCppImages["nvidia"]);
        Assert.Equal("r.example.com/mirror/ramalama/ramalama:0.24", settings.LlamaCppImages[""]);
        Assert.Equal("r.example.com/mirror/vllm/vllm-openai@sha256:00", settings.VllmImages["nvidia"]);
        Assert.Equal("r.example.com/mirror/lmsysorg/sglang:v0.5.19", settings.SglangImages["NVIDIA"]);
        Assert.Equal("ghcr.io/o/o:1", settings.HelperImage);
    }

    [Fact]
    public void Mirrors_keep_their_order_and_authorities_are_read()
    {
        using var folder = new TemporaryFolder();
        using var company = new TestAuthority("company");
        var file = folder.File("ca.crt");
        File.WriteAllText(file, company.Pem);

        var settings = Apply("--model-mirror", "https://b.example.com", "--model-mirror", "http://10.0.0.1/hf", "--ca-file", file);

        Assert.Equal(["https://b.example.com/", "http://10.0.0.1/hf"], settings.ModelMirrors.Select(mirror => mirror.AbsoluteUri));
        Assert.Equal($"{company.Pem}\n", settings.Authorities!.Pem);
    }

    [Fact]
    public void Without_them_nothing_changes()
    {
        var settings = new OperatorSettings();

        Assert.Equal(settings, Apply() with { ModelMirrors = settings.ModelMirrors });
    }

    [Theory]
    [InlineData("--image-registry", "--image-registry", "https://r.example.com")]
    [InlineData("--model-mirror", "--model-mirror", "ftp://mirror")]
    [InlineData("--model-mirror", "--model-mirror", "https://user:password@mirror")]
    [InlineData("--ca-file", "--ca-file", "/nonexistent/ca.crt")]
    [InlineData("no certificate", "--ca-file", "/dev/null")]
    public void What_cannot_be_understood_is_named(string expected, params string[] arguments)
    {
        var message = Assert.Throws<InputException>(() => Apply(arguments)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_mirrors_than_fetch_takes_are_refused() =>
        Assert.Contains("at most 8", Assert.Throws<InputException>(() => Apply([.. Enumerable.Range(0, 9).SelectMany(i => (string[])["--model-mirror", $"https://m{i}"])])).Message, StringComparison.Ordinal);

    private static OperatorSettings Apply(params string[] arguments)
    {
        var options = new SourceOptions();
        var command = new Command("run");
        options.AddTo(command);
        return options.Apply(command.Parse(arguments), new OperatorSettings());
    }
}
