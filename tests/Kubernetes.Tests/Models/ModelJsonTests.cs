using System.Text.Json;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Models;

public class ModelJsonTests
{
    private static readonly KubernetesJson Wire = new();

    [Fact]
    public void Nulls_AreLeftOut_AndTheTypeComesFirst()
    {
        var pod = new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = { Name = "a" },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Ports = [new V1ContainerPort { ContainerPort = 80 }] }] },
        };

        Assert.Equal(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","ports":[{"containerPort":80}]}]}}""",
            Write(pod));
    }

    [Fact]
    public void EmptyObjects_AreKept_BecauseTheyMeanSomething()
    {
        var policy = new V1NetworkPolicy { Spec = new V1NetworkPolicySpec { PodSelector = new V1LabelSelector(), Ingress = [] } };

        Assert.Equal("""{"metadata":{},"spec":{"podSelector":{},"ingress":[]}}""", Write(policy));
    }

    [Fact]
    public void Names_AreThoseOfTheApi()
    {
        var pod = new V1Pod
        {
            Spec = new V1PodSpec
            {
                HostIPC = true,
                SetHostnameAsFQDN = true,
                Volumes = [new V1Volume { DownwardAPI = new V1DownwardAPIVolumeSource(), Nfs = new V1NFSVolumeSource() }],
                SecurityContext = new V1PodSecurityContext { FsGroup = 1000, SeLinuxOptions = new V1SELinuxOptions() },
            },
            Status = new V1PodStatus { PodIP = "10.0.0.1", PodIPs = [new V1PodIP { Ip = "10.0.0.1" }], HostIP = "10.0.0.2", QosClass = "BestEffort" },
        };

        Assert.Equal(
            """{"metadata":{},"spec":{"volumes":[{"downwardAPI":{},"nfs":{}}],"hostIPC":true,"securityContext":{"seLinuxOptions":{},"fsGroup":1000},"setHostnameAsFQDN":true},"status":{"hostIP":"10.0.0.2","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}],"qosClass":"BestEffort"}}""",
            Write(pod));
    }

    [Fact]
    public void CustomResourceDefinition_KeepsItsSchema()
    {
        const string Text = """{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"w"},"spec":{"versions":[{"name":"v1","schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-validations":[{"rule":"true"}]}},"subresources":{"status":{}}}]}}""";

        Assert.Equal(Text, Write(Read<V1CustomResourceDefinition>(Text)));
    }

    [Theory]
    [InlineData("80", "80")]
    [InlineData("\"http\"", "\"http\"")]
    [InlineData("\"50%\"", "\"50%\"")]
    public void IntOrString_StaysWhatItWas(string json, string expected)
    {
        var service = Read<V1Service>("""{"metadata":{},"spec":{"ports":[{"targetPort":PORT}]}}""".Replace("PORT", json, StringComparison.Ordinal));

        Assert.Contains($"\"targetPort\":{expected}", Write(service), StringComparison.Ordinal);
    }

    [Fact]
    public void Times_AreWrittenAsTheApiWantsThem()
    {
        var time = new DateTimeOffset(2026, 11, 22, 1, 2, 3, 4, TimeSpan.FromHours(1));
        var lease = new V1Lease { Metadata = { CreationTimestamp = time }, Spec = new V1LeaseSpec { RenewTime = time } };

        Assert.Equal("""{"metadata":{"creationTimestamp":"2026-11-22T00:02:03Z"},"spec":{"renewTime":"2026-11-22T00:02:03.004000Z"}}""", Write(lease));
    }

    [Theory]
    [InlineData("2026-11-22T00:00:00.000001Z")]
    [InlineData("2026-11-22T00:00:00.000001234Z")]
    [InlineData("2026-11-22T01:00:00.0000010+01:00")]
    public void MicroTime_ReadsAnyFraction(string text)
    {
        var lease = Read<V1Lease>("""{"metadata":{},"spec":{"renewTime":"TIME"}}""".Replace("TIME", text, StringComparison.Ordinal));

        Assert.Equal("2026-11-22T00:00:00.000001Z", KubernetesTime.ToMicroTime(lease.Spec!.RenewTime!.Value));
    }

    [Fact]
    public void Quantities_MayBeNumbers_AndSecretsAreBase64()
    {
        var node = Read<V1Node>("""{"metadata":{},"status":{"allocatable":{"cpu":4,"memory":"16Gi","nvidia.com/gpu":"8"}}}""");
        var secret = Read<V1Secret>("""{"metadata":{},"data":{"token":"aGY="}}""");

        Assert.Equal(4, node.Status!.Allocatable!["cpu"].ToInt64());
        Assert.Equal("hf"u8.ToArray(), secret.Data!["token"]);
    }

    [Fact]
    public void UnknownFields_AreIgnored() => Assert.Equal("a", Read<V1Pod>("""{"metadata":{"name":"a","selfLink":"x"},"future":{"a":[1]}}""").Metadata.Name);

    [Fact]
    public void Clone_SharesNothing()
    {
        var map = new V1ConfigMap { Data = new Dictionary<string, string> { ["k"] = "v" } };
        var copy = Wire.Clone(map);
        copy.Data!["k"] = "changed";

        Assert.Equal("v", map.Data["k"]);
    }

    [Fact]
    public void EveryEntityOfTheModels_HasJsonMetadata()
    {
        var entities = typeof(V1Pod).Assembly.GetTypes().Where(t => t.IsDefined(typeof(KubernetesEntityAttribute), inherit: false)).ToList();

        Assert.True(entities.Count >= 15);
        Assert.All(entities, type => Assert.NotNull(KubernetesJsonContext.Default.GetTypeInfo(type)));
        Assert.All(entities, type => Assert.NotEmpty(EntityMetadata.Of(type).PluralName));
    }

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, Wire.TypeInfo<T>());

    private static T Read<T>(string json) => JsonSerializer.Deserialize(json, Wire.TypeInfo<T>())!;
}
