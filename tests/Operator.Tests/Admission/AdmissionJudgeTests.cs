using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Entities.Validation;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Admission;

namespace GpuStack.Operator.Tests.Admission;

public class AdmissionJudgeTests
{
    [Theory]
    [InlineData("engine: {contextLength: 9000}", "spec.engine.contextLength: 9000 is more than the 8192 tokens that the model was trained for; answers get worse beyond")]
    [InlineData("engine: {image: llama}", "spec.engine.image")]
    [InlineData("engine: {image: 'registry:5000/llama:latest'}", "spec.engine.image")]
    [InlineData("engine: {startupTimeout: 30s}", "spec.engine.startupTimeout")]
    [InlineData("placement: {memory: {utilization: '0.99'}}", "spec.placement.memory.utilization")]
    [InlineData("placement: {memory: {utilization: '0.2'}}", "spec.placement.memory.utilization")]
    [InlineData("placement: {memory: {reservePerGpu: 0}}", "spec.placement.memory.reservePerGpu")]
    [InlineData("placement: {tolerations: [{operator: Exists}]}", "spec.placement.tolerations[0]")]
    [InlineData("network: {hostNetwork: true}", "spec.network.hostNetwork")]
    [InlineData("access: {networkPolicy: Disabled}", "spec.access.networkPolicy")]
    [InlineData("access: {service: {type: LoadBalancer}}", "spec.access.service.type")]
    [InlineData("replicas: 2\ncache: {persistentVolumeClaim: {size: 100Gi}}", "spec.cache.persistentVolumeClaim.accessMode")]
    [InlineData("placement: {scope: MultiNode}\ncache: {persistentVolumeClaim: {size: 100Gi}}", "spec.cache.persistentVolumeClaim.accessMode")]
    [InlineData("cache: {ephemeral: {}, retentionPolicy: Delete}", "spec.cache.retentionPolicy")]
    [InlineData("cache: {ephemeral: {sizeLimit: 100Gi}}", "spec.cache.ephemeral.sizeLimit: 100Gi does not hold the model, which is 122880 MiB; raise it")]
    [InlineData("cache: {persistentVolumeClaim: {size: 1Gi}}", "spec.cache.persistentVolumeClaim.size")]
    [InlineData("cache: {hostPath: {path: /models, sizeLimit: 1Gi}}", "spec.cache.hostPath.sizeLimit")]
    [InlineData("cache: {ephemeral: {}}", "spec.cache.ephemeral: every pod fetches the model's 120 GiB anew")]
    [InlineData("podTemplate: {terminationGracePeriodSeconds: 0}", "spec.podTemplate.terminationGracePeriodSeconds")]
    [InlineData("podTemplate: {securityContext: {runAsUser: 0}}", "spec.podTemplate.securityContext")]
    public void What_is_doubtful_is_warned_of_and_passes(string spec, string warning)
    {
        var verdict = AdmissionJudge.Judge(Inputs.Small(spec), null, new AdmissionFacts { ModelContext = 8192, ModelBytes = 120L << 30 });

        Assert.Empty(verdict.Problems);
        Assert.Contains(verdict.Warnings, line => line.StartsWith(warning, StringComparison.Ordinal));
        Assert.All(verdict.Warnings, line => Assert.True(line.Length <= DoubtsValidator.LongestWarning, line));
        Assert.All(verdict.Warnings, line => Assert.DoesNotContain('\n', line));
    }

    [Theory]
    [InlineData("model: {url: {url: 'http://models.example.com/m.gguf'}}", "spec.model.url.url")]
    [InlineData("model: {url: {url: 'http://models.example.com/m.gguf'}, secretRef: {name: a}}", "spec.model.url.url: the token")]
    [InlineData("model: {huggingFace: {repository: a/b-GGUF}, mirrors: ['https://a.example.com', 'http://b.example.com'], secretRef: {name: a}}", "spec.model.mirrors[1]: the token")]
    [InlineData("model: {huggingFace: {repository: a/b-GGUF}, profile: {contextLength: 4096}}\n  engine: {contextLength: 8192}", "spec.engine.contextLength")]
    public void A_doubtful_source_is_warned_of(string spec, string warning)
    {
        var verdict = AdmissionJudge.Judge(Of(spec), null, new AdmissionFacts());

        Assert.Empty(verdict.Problems);
        Assert.StartsWith(warning, Assert.Single(verdict.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("engine: {contextLength: 8192, image: 'a.example.com:5000/llama:b1', startupTimeout: 10m}")]
    [InlineData("engine: {image: 'llama@sha256:00'}")]
    [InlineData("access: {service: {type: LoadBalancer}, apiKeySecretRef: {name: keys}}")]
    [InlineData("replicas: 3\ncache: {persistentVolumeClaim: {size: 200Gi, accessMode: ReadWriteMany}}")]
    [InlineData("cache: {persistentVolumeClaim: {size: 200Gi}, retentionPolicy: Delete}")]
    [InlineData("placement: {tolerations: [{key: gpu, operator: Exists}]}")]
    public void What_is_usual_is_not_warned_of(string spec)
    {
        var verdict = AdmissionJudge.Judge(Inputs.Small(spec), null, new AdmissionFacts { ModelContext = 8192, ModelBytes = 1L << 30 });

        Assert.Equal((0, ""), (verdict.Problems.Count, string.Join('\n', verdict.Warnings)));
    }

    [Theory]
    [InlineData("model: {huggingFace: {repository: a/b, file: c.safetensors}}\n  engine: {type: LlamaCpp}", "spec.model: llama.cpp runs GGUF files")]
    [InlineData("model: {huggingFace: {repository: a/b, file: c.gguf}}\n  engine: {type: VLLM}", "spec.model: the engine VLLM is for folders of safetensors files")]
    [InlineData("model: {persistentVolumeClaim: {claimName: a, path: m.gguf}}", "spec.model: ")]
    [InlineData("model: {huggingFace: {repository: a/b-GGUF}}\n  engine: {args: [-ngl, '9'], kvCacheType: fp8}", "spec.engine.args[0]: -ngl would contradict the plan")]
    [InlineData("model: {huggingFace: {repository: a/b-GGUF}}\n  engine: {kvCacheType: fp8}", "spec.engine.kvCacheType: fp8 is for VLLM and SGLang, and the engine is LlamaCpp")]
    [InlineData("model: {huggingFace: {repository: a/b-GGUF}}\n  network: {hostNetwork: true}\n  placement: {scope: MultiNode}", "spec.network.hostNetwork: is refused over several nodes")]
    public void What_the_controller_would_stall_on_is_refused(string spec, string problem)
    {
        var verdict = AdmissionJudge.Judge(Of(spec), null, new AdmissionFacts());

        Assert.Contains(verdict.Problems, found => $"{found}".StartsWith(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_wrong_before_does_not_keep_anybody_from_changing_it()
    {
        var present = Inputs.Small("replicas: 2\nengine: {args: [-ngl, '9']}");
        var wanted = Inputs.Small("replicas: 0\nengine: {args: [-ngl, '9']}");
        var worse = Inputs.Small("replicas: 0\nengine: {args: [-ngl, '9'], kvCacheType: fp8}");

        Assert.Single(AdmissionJudge.Judge(present, null, new AdmissionFacts()).Problems);
        var verdict = AdmissionJudge.Judge(wanted, present, new AdmissionFacts());
        Assert.Empty(verdict.Problems);
        Assert.StartsWith("as before, spec.engine.args[0]: -ngl", verdict.Warnings[0], StringComparison.Ordinal);
        Assert.Equal("spec.engine.kvCacheType", Assert.Single(AdmissionJudge.Judge(worse, present, new AdmissionFacts()).Problems).Path);
    }

    [Theory]
    [InlineData("{size: 50Gi}", "spec.cache.persistentVolumeClaim.size: the claim small-cache has 100Gi, and claims cannot shrink")]
    [InlineData("{size: 100Gi, storageClassName: slow}", "spec.cache.persistentVolumeClaim.storageClassName")]
    [InlineData("{size: 100Gi, accessMode: ReadWriteMany}", "spec.cache.persistentVolumeClaim.accessMode")]
    [InlineData("{size: 200Gi}", null)]
    [InlineData("{claimName: other}", null)]
    public void What_a_claim_cannot_become_is_refused_once_it_is_there(string cache, string? problem)
    {
        var present = Inputs.Small("cache: {persistentVolumeClaim: {size: 100Gi}}");
        var wanted = Inputs.Small($"cache: {{persistentVolumeClaim: {cache}}}");
        var claim = new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta { Name = "small-cache" },
            Spec = new V1PersistentVolumeClaimSpec { Resources = new V1VolumeResourceRequirements { Requests = new() { ["storage"] = "100Gi" } } },
        };

        Assert.Empty(AdmissionJudge.Judge(wanted, present, new AdmissionFacts()).Problems);
        var problems = AdmissionJudge.Judge(wanted, present, new AdmissionFacts { CacheClaim = claim }).Problems;
        Assert.Equal(problem is null ? 0 : 1, problems.Count);
        if (problem is not null)
            Assert.StartsWith(problem, $"{problems[0]}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("engine: {contextLength: 4096}", 1, "the change restarts the group that serves: there are no answers until the model is loaded again")]
    [InlineData("replicas: 3\nengine: {contextLength: 4096}", 3, "the change restarts the 3 groups that serve, 1 at a time")]
    [InlineData("engine: {contextLength: 4096}\nupdateStrategy: {type: OnDelete}", 1, "the change reaches the group that serves when their pods are deleted (updateStrategy OnDelete)")]
    [InlineData("podTemplate: {labels: {a: b}}", 1, "the change restarts")]
    [InlineData("engine: {contextLength: 4096}", 0, null)]
    [InlineData("replicas: 2", 1, null)]
    [InlineData("replicas: 0\nengine: {contextLength: 4096}", 1, null)]
    [InlineData("suspend: true\nengine: {contextLength: 4096}", 1, null)]
    [InlineData("access: {service: {port: 9000}}", 1, null)]
    public void A_change_that_restarts_what_serves_is_warned_of(string spec, int ready, string? warning)
    {
        var present = Inputs.Small();
        present.Status = new ModelDeploymentStatus { ReadyReplicas = ready };

        var warnings = AdmissionJudge.Judge(Inputs.Small(spec), present, new AdmissionFacts()).Warnings;

        if (warning is null)
            Assert.Empty(warnings);
        else
            Assert.StartsWith(warning, Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static ModelDeployment Of(string spec) => Inputs.Deployment($$"""
        apiVersion: inference.gpustack.io/v1alpha1
        kind: ModelDeployment
        metadata: {name: small}
        spec:
          {{spec}}
        """);
}
