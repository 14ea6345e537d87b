using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Tests.Configuration;

public sealed class EnvironmentProxyTests
{
    [Theory]
    [InlineData("https://10.0.0.1", "HTTPS_PROXY=http://p:1", "http://p:1/")]
    [InlineData("https://10.0.0.1", "https_proxy=http://p:1", "http://p:1/")]
    [InlineData("https://10.0.0.1", "HTTPS_PROXY=p:1", "http://p:1/")]
    [InlineData("https://10.0.0.1", "HTTPS_PROXY=socks5://u:w@p:1", "socks5://u:w@p:1/")]
    [InlineData("http://10.0.0.1", "HTTP_PROXY=https://p", "https://p/")]
    [InlineData("http://10.0.0.1", "HTTPS_PROXY=http://p:1", null)]
    [InlineData("https://10.0.0.1", "HTTP_PROXY=http://p:1", null)]
    [InlineData("https://10.0.0.1", "ALL_PROXY=http://p:1", null)]
    [InlineData("https://10.0.0.1", "", null)]
    [InlineData("https://localhost:6443", "HTTPS_PROXY=http://p:1", null)]
    [InlineData("https://127.8.9.1:6443", "HTTPS_PROXY=http://p:1", null)]
    [InlineData("https://[::1]:6443", "HTTPS_PROXY=http://p:1", null)]
    public void TheVariableOfTheServersScheme_Counts_ButNeverForThisMachine(string server, string variable, string? expected) =>
        Assert.Equal(expected, Find(server, variable)?.AbsoluteUri);

    [Theory]
    [InlineData("https://a.example.com", "*", true)]
    [InlineData("https://a.example.com", "x, * ,y", true)]
    [InlineData("https://a.example.com", "example.com", true)]
    [InlineData("https://example.com", "example.com", true)]
    [InlineData("https://EXAMPLE.com", "Example.COM", true)]
    [InlineData("https://badexample.com", "example.com", false)]
    [InlineData("https://a.example.com", ".example.com", true)]
    [InlineData("https://example.com", ".example.com", false)]
    [InlineData("https://a.example.com", "*.example.com", true)]
    [InlineData("https://example.com", "*.example.com", false)]
    [InlineData("https://a.example.com:6443", "example.com:6443", true)]
    [InlineData("https://a.example.com", "example.com:443", true)]
    [InlineData("https://a.example.com:6443", "example.com:443", false)]
    [InlineData("https://10.0.0.1", "10.0.0.1", true)]
    [InlineData("https://10.0.0.1:6443", "10.0.0.1:6443", true)]
    [InlineData("https://10.0.0.1:6443", "10.0.0.1:443", false)]
    [InlineData("https://10.0.0.11", "10.0.0.1", false)]
    [InlineData("https://10.96.3.4", "10.96.0.0/12", true)]
    [InlineData("https://10.96.3.4", "10.96.0.1/12", true)]
    [InlineData("https://10.112.3.4", "10.96.0.0/12", false)]
    [InlineData("https://10.112.3.4", "10.96.0.1/12", false)]
    [InlineData("https://10.112.3.4", "0.0.0.0/0", true)]
    [InlineData("https://10.112.3.4", "10.112.3.4/33", false)]
    [InlineData("https://10.112.3.4", "10.112.3.4/x", false)]
    [InlineData("https://10.112.3.4", "fd00::/8", false)]
    [InlineData("https://[fd00::1]", "fd00::5/64", true)]
    [InlineData("https://a.example.com", "10.96.0.0/12", false)]
    [InlineData("https://[fd00::1]:6443", "fd00::/8", true)]
    [InlineData("https://[fd00::1]:6443", "fd00::1", true)]
    [InlineData("https://[fd00::1]:6443", "[fd00::1]:6443", true)]
    [InlineData("https://[fd00::1]:6443", "[fd00::1]:443", false)]
    [InlineData("https://a.example.com", "", false)]
    [InlineData("https://a.example.com", " , :443,", false)]
    public void NoProxy_IsReadAsGoProgramsDo(string server, string exceptions, bool excepted) =>
        Assert.Equal(excepted, Find(server, "HTTPS_PROXY=http://p:1", $"NO_PROXY={exceptions}") is null);

    [Theory]
    [InlineData("ftp://canary@p")]
    [InlineData("http://")]
    [InlineData("a canary")]
    public void AVariableThatIsNoProxy_IsAnErrorThatDoesNotShowIt(string value)
    {
        var error = Assert.Throws<KubeconfigException>(() => Find("https://10.0.0.1", $"HTTPS_PROXY={value}"));

        Assert.Contains("HTTPS_PROXY", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    private static Uri? Find(string server, params string[] variables)
    {
        var environment = variables.Where(v => v.Length > 0).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        return EnvironmentProxy.Find(new Uri(server), environment.GetValueOrDefault);
    }
}
