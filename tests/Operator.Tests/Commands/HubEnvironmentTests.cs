using GpuStack.Modeling.Sources;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Commands;

public sealed class HubEnvironmentTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("home").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void Tokens_come_from_the_files_that_the_tools_of_hubs_and_registries_write()
    {
        Write(".cache/huggingface/token", "hf_secret\n");
        Write(".docker/config.json", """{"auths":{"ghcr.io":{"auth":"bWU6czNjcmV0"}}}""");

        ModelHubSettings settings = HubEnvironment.Read(Variables([]));

        Assert.Equal("hf_secret", settings.HuggingFaceToken);
        Assert.Equal(("ghcr.io", "me", "s3cret"), settings.RegistryLogins.Select(login => (login.Registry, login.User, login.Secret)).Single());
        Assert.Equal("other", HubEnvironment.Read(Variables(new() { ["HF_TOKEN"] = "other" })).HuggingFaceToken);
    }

    [Fact]
    public void Without_files_nothing_is_known()
    {
        ModelHubSettings settings = HubEnvironment.Read(Variables([]));

        Assert.Null(settings.HuggingFaceToken);
        Assert.Empty(settings.RegistryLogins);
    }

    private void Write(string path, string text)
    {
        string full = Path.Combine(_home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private Func<string, string?> Variables(Dictionary<string, string> variables) => name => name == "HOME" ? _home : variables.GetValueOrDefault(name);
}
