using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Metrics;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.Metrics;

public sealed class DeploymentMetricsTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly DeploymentCache _cache = new();
    private readonly List<PlannedGroup> _plans = [];
    private bool _active = true;

    private EngineFigures _engines = EngineFigures.None;
    private int _asked;

    public DeploymentMetricsTests() => _ = new DeploymentMetrics(_meter, _cache, Plans, _ => _engines, () => _active);

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task Figures_come_from_the_plans_in_force_and_the_status()
    {
        _plans.AddRange([await Views.GroupAsync(), await Views.GroupAsync(index: 1)]);
        var deployment = Inputs.Small("replicas: 2");
        deployment.Status = new ModelDeploymentStatus
        {
            ReadyReplicas = 1,
            Engine = new EngineStatus { Type = "LlamaCpp" },
            Groups = [new GroupStatus { Restarts = 3 }, new GroupStatus { Restarts = 4 }],
            Conditions = [new V1Condition { Type = "Ready", Status = "False", Reason = "GroupsNotReady" }, new V1Condition { Type = "Stalled", Status = "Unknown" }],
        };
        _cache.Objects.Add(deployment);
        var read = MeterReading.Of(_meter);

        const string Labels = "{namespace=default,name=small}";
        var plan = _plans[0].Plan;
        Assert.Equal(2, read["gpustack_modeldeployment_replicas_wanted" + Labels]);
        Assert.Equal(1, read["gpustack_modeldeployment_replicas_ready" + Labels]);
        Assert.Equal(2, read["gpustack_modeldeployment_gpus" + Labels]);
        Assert.Equal(2 * 23034d * 1024 * 1024, read["gpustack_modeldeployment_vram_bytes" + Labels]);
        Assert.Equal(2 * plan.Estimate.Devices[0].Total.Value, read["gpustack_modeldeployment_vram_planned_bytes" + Labels]);
        Assert.Equal(plan.PredictedTokensPerSecond, read["gpustack_modeldeployment_predicted_tokens_per_second" + Labels]);
        Assert.Equal(7, read["gpustack_modeldeployment_restarts_total" + Labels]);
        Assert.Equal(1, read["gpustack_modeldeployment_info{namespace=default,name=small,engine=LlamaCpp,model=gpustack/Llama-3.2-1B-Instruct-GGUF}"]);
        Assert.Equal(1, read["gpustack_modeldeployment_condition{namespace=default,name=small,type=Ready,status=false,reason=GroupsNotReady}"]);
        Assert.Equal(1, read["gpustack_modeldeployments{type=Stalled,status=unknown}"]);
        Assert.Equal(0, read["gpustack_modeldeployments_unlisted"]);
    }

    [Fact]
    public async Task What_engines_said_is_compared_with_what_was_estimated_of_the_same_groups()
    {
        _plans.AddRange([await Views.GroupAsync(), await Views.GroupAsync(index: 1)]);
        _cache.Objects.Add(Inputs.Small("replicas: 2"));
        const string Labels = "{namespace=default,name=small}";
        Assert.DoesNotContain("gpustack_modeldeployment_estimate_error_ratio" + Labels, MeterReading.Of(_meter).Keys);
        Assert.DoesNotContain("gpustack_modeldeployment_vram_used_bytes" + Labels, MeterReading.Of(_meter).Keys);

        var device = _plans[1].Plan.Estimate.Devices[0];
        var estimated = (device.Total - device.Overhead).MiB;
        var said = new EngineBuffers { Model = estimated - 100, Cache = 60, Compute = 40 + (estimated / 100), Host = 5000 };
        _engines = new EngineFigures(ImmutableDictionary<int, EngineBuffers>.Empty.Add(1, said).Add(7, said), [new DownloadReport(300, 20.5), new DownloadReport(100, 2)]);
        var read = MeterReading.Of(_meter);

        Assert.Equal(1.01 * estimated * 1024 * 1024, read["gpustack_modeldeployment_vram_used_bytes" + Labels], tolerance: 2);
        Assert.Equal(0.01, read["gpustack_modeldeployment_estimate_error_ratio" + Labels], tolerance: 1e-6);
        Assert.Equal(22.5, read["gpustack_modeldeployment_download_bytes_per_second" + Labels]);
        Assert.Equal(400, read["gpustack_modeldeployment_download_remaining_bytes" + Labels]);
    }

    [Fact]
    public async Task The_speed_is_that_of_the_slowest_group_and_unknown_when_that_of_one_is()
    {
        const string Speed = "gpustack_modeldeployment_predicted_tokens_per_second{namespace=default,name=small}";
        var group = await Views.GroupAsync();
        PlannedGroup With(double? speed) => group with { Plan = group.Plan with { PredictedTokensPerSecond = speed } };
        _cache.Objects.Add(Inputs.Small("replicas: 2"));
        _plans.AddRange([With(30), With(20)]);
        Assert.Equal(20, MeterReading.Of(_meter)[Speed]);

        _plans.Add(With(null));
        Assert.DoesNotContain(Speed, MeterReading.Of(_meter).Keys);
    }

    [Fact]
    public void A_deployment_that_is_gone_leaves_nothing()
    {
        _cache.Objects.Add(Inputs.Small());
        Assert.Contains(MeterReading.Of(_meter).Keys, key => key.Contains("small", StringComparison.Ordinal));
        _cache.Objects.Clear();

        Assert.DoesNotContain(MeterReading.Of(_meter).Keys, key => key.Contains("small", StringComparison.Ordinal));
    }

    [Fact]
    public void The_figures_of_one_collection_are_made_once_and_those_of_the_next_anew()
    {
        _cache.Objects.Add(Inputs.Small());
        MeterReading.Of(_meter);
        Assert.Equal(1, _asked);
        MeterReading.Of(_meter);

        Assert.Equal(2, _asked);
    }

    [Fact]
    public void A_replica_that_does_not_lead_reports_nothing()
    {
        _cache.Objects.Add(Inputs.Small());
        _active = false;

        Assert.Empty(MeterReading.Of(_meter));
    }

    [Fact]
    public void What_is_not_known_has_no_series()
    {
        _cache.Objects.Add(Inputs.Small("suspend: true"));
        var read = MeterReading.Of(_meter);

        Assert.Equal(0, read["gpustack_modeldeployment_replicas_wanted{namespace=default,name=small}"]);
        Assert.DoesNotContain("gpustack_modeldeployment_predicted_tokens_per_second{namespace=default,name=small}", read.Keys);
    }

    /// <summary>As the API server makes it, before the operator has looked.</summary>
    [Fact]
    public void A_deployment_that_nobody_has_looked_at_wants_its_groups_and_has_no_condition()
    {
        var deployment = Inputs.Small("replicas: 3");
        deployment.Status = new ModelDeploymentStatus { ObservedGeneration = -1 };
        _cache.Objects.Add(deployment);
        var read = MeterReading.Of(_meter);

        Assert.Equal(3, read["gpustack_modeldeployment_replicas_wanted{namespace=default,name=small}"]);
        Assert.Equal(0, read["gpustack_modeldeployment_replicas_ready{namespace=default,name=small}"]);
        Assert.Equal(0, read["gpustack_modeldeployment_restarts_total{namespace=default,name=small}"]);
        Assert.DoesNotContain(read.Keys, key => key.StartsWith("gpustack_modeldeployment_condition", StringComparison.Ordinal) || key.StartsWith("gpustack_modeldeployments{", StringComparison.Ordinal));
    }

    /// <summary>What waits for its children to go serves nobody, and nobody misses it.</summary>
    [Fact]
    public void A_deployment_that_is_being_deleted_wants_no_groups()
    {
        var deployment = Inputs.Small("replicas: 3");
        deployment.Metadata.DeletionTimestamp = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _cache.Objects.Add(deployment);

        Assert.Equal(0, MeterReading.Of(_meter)["gpustack_modeldeployment_replicas_wanted{namespace=default,name=small}"]);
    }

    [Fact]
    public void Deployments_without_end_are_counted_but_not_listed()
    {
        for (var i = DeploymentMetrics.MostDeployments + 5; i > 0; i--)
        {
            var deployment = Inputs.Small(name: $"d{i:0000}");
            deployment.Status = new ModelDeploymentStatus { Conditions = [new V1Condition { Type = "Ready", Status = "True" }] };
            _cache.Objects.Add(deployment);
        }
        var read = MeterReading.Of(_meter);

        Assert.Equal(DeploymentMetrics.MostDeployments, read.Keys.Count(key => key.StartsWith("gpustack_modeldeployment_info{", StringComparison.Ordinal)));
        Assert.Contains(read.Keys, key => key.Contains("name=d0001,", StringComparison.Ordinal));
        Assert.Equal(5, read["gpustack_modeldeployments_unlisted"]);
        Assert.Equal(DeploymentMetrics.MostDeployments + 5, read["gpustack_modeldeployments{type=Ready,status=true}"]);
    }

    private List<PlannedGroup> Plans(DeploymentKey deployment)
    {
        _asked++;
        return _plans;
    }
}
