using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Tests.Servers;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Kubernetes.Tests.Configuration;

/// <summary>
/// Runs <c>cases/*.yaml</c>. Each case has files, which are written to a folder of its own, what the environment says, perhaps a
/// context, and what comes of it: the fields of the configuration that are set, or the error. $DIR is the folder; $AUTHORITY, $CERTIFICATE
/// and $KEY are PEM texts (as files <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c> too), with _DATA in base64.
/// </summary>
public sealed class KubeconfigCases : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kubeconfig").FullName;
    private readonly TestCertificates _certificates = new();
    private readonly Dictionary<string, string> _variables;

    public KubeconfigCases()
    {
        var (certificate, key) = _certificates.CreateClientPem("me");
        _variables = new Dictionary<string, string>
        {
            ["$AUTHORITY_DATA"] = Base64(_certificates.AuthorityPem),
            ["$CERTIFICATE_DATA"] = Base64(certificate),
            ["$KEY_DATA"] = Base64(key),
            ["$DIR"] = _directory,
        };
        File.WriteAllText(Path.Combine(_directory, "ca.crt"), _certificates.AuthorityPem);
        File.WriteAllText(Path.Combine(_directory, "tls.crt"), certificate);
        File.WriteAllText(Path.Combine(_directory, "tls.key"), key);
    }

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Configuration", "cases"), "*.yaml").Order(StringComparer.Ordinal))
        {
            foreach (var (name, _) in Read(file)) data.Add(Path.GetFileName(file), name);
        }

        return data;
    }

    public void Dispose()
    {
        _certificates.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case(string file, string name)
    {
        var given = Read(Path.Combine(AppContext.BaseDirectory, "Configuration", "cases", file))[name]!.AsObject();
        foreach (var (path, text) in given["files"]!.AsObject())
        {
            var target = Path.Combine(_directory, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, Fill(text!.ToString()));
        }

        var environment = given["environment"]?.AsObject().ToDictionary(v => v.Key, v => Fill(v.Value!.ToString())) ?? [];
        environment.TryAdd("KUBECONFIG", string.Join(Path.PathSeparator, given["files"]!.AsObject().Select(f => Path.Combine(_directory, f.Key))));
        KubernetesClientConfiguration Load() => KubeconfigLocator.Load(environment.GetValueOrDefault, given["context"]?.ToString());
        if (given["error"] is { } expected)
        {
            var error = Assert.Throws<KubeconfigException>(Load);
            Assert.Equal(Fill(expected.ToString()), error.Message);
            Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
            return;
        }

        var configuration = Load();
        Assert.Equal(Fill(given["expected"]!.ToJsonString()), Describe(configuration).ToJsonString());
        Assert.DoesNotContain("canary", configuration.ToString(), StringComparison.Ordinal);
    }

    private static JsonObject Read(string file) => YamlReader.Read(File.ReadAllText(file), file)!.AsObject();

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static JsonArray List(IEnumerable<string> values) => [.. values.Select(v => (JsonNode)JsonValue.Create(v))];

    private static JsonObject Map(IEnumerable<KeyValuePair<string, string>> values) =>
        new(values.Select(v => KeyValuePair.Create<string, JsonNode?>(v.Key, JsonValue.Create(v.Value))));

    /// <summary>All that is set, secrets too.</summary>
    private static JsonObject Describe(KubernetesClientConfiguration configuration)
    {
        var text = new JsonObject { ["server"] = configuration.Server.OriginalString };
        if (configuration.Namespace != "default") text["namespace"] = configuration.Namespace;
        if (configuration.CertificateAuthorities is { } authorities) text["authorities"] = List(authorities.Select(a => a.Subject));
        if (configuration.CertificateAuthoritySource?.Path is { } authorityFile) text["authorityFile"] = authorityFile;
        if (configuration.SkipTlsVerify) text["skipTlsVerify"] = true;
        if (configuration.TlsServerName is { } name) text["tlsServerName"] = name;
        if (configuration.ProxyUrl is { } proxy) text["proxy"] = proxy.OriginalString;
        if (configuration.DisableCompression) text["disableCompression"] = true;
        if (configuration.ClientCertificate is { } certificate) text["certificate"] = $"{certificate.Subject}, key: {certificate.HasPrivateKey}";
        if (configuration.ClientCertificateSource is { } source) text["certificateFiles"] = $"{source.Certificate.Path} {source.Key.Path}";
        if (configuration.BearerToken is { } token) text["token"] = token;
        if (configuration.BearerTokenFile is { } tokenFile) text["tokenFile"] = tokenFile;
        if (configuration.BasicCredentials is { } basic) text["basic"] = Encoding.UTF8.GetString(Convert.FromBase64String(basic));
        if (configuration.Impersonate is { } act)
        {
            var impersonation = new JsonObject { ["user"] = act.User };
            if (act.Uid is { } uid) impersonation["uid"] = uid;
            if (act.Group is { } group) impersonation["group"] = group;
            if (act.Extra.Count > 0) impersonation["extra"] = Map(act.Extra);
            text["impersonate"] = impersonation;
        }

        if (configuration.Exec is { } exec)
        {
            text["exec"] = new JsonObject
            {
                ["apiVersion"] = exec.ApiVersion,
                ["command"] = exec.Command,
                ["args"] = List(exec.Arguments),
                ["env"] = Map(exec.Environment),
                ["hint"] = exec.InstallHint,
                ["mode"] = exec.InteractiveMode.ToString(),
                ["cluster"] = exec.Cluster?.DeepClone(),
            };
        }

        return text;
    }

    private string Fill(string text) => _variables.Aggregate(text, (filled, variable) => filled.Replace(variable.Key, variable.Value, StringComparison.Ordinal));
}
