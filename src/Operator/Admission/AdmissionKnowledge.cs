using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Admission;

/// <summary>
/// Finds what is known of a deployment besides its spec, and quickly: of its claim what the informers have, of its model what its status says
/// or what can be read in a moment. What takes longer goes on for whoever asks next.
/// </summary>
internal sealed class AdmissionKnowledge(ModelInspector inspector, Func<DeploymentKey, IEnumerable<V1PersistentVolumeClaim>> claims, TimeProvider time)
{
    /// <summary>Reviews of whoever asks must not take the inspections that the controller needs.</summary>
    private const int MostReading = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private int _reading;

    public async Task<AdmissionFacts> FindAsync(ModelDeployment wanted, ModelDeployment? present, CancellationToken cancellationToken)
    {
        var name = wanted.Metadata.Name ?? "";
        var claimName = ObjectName.CacheClaim(name);
        var facts = new AdmissionFacts
        {
            CacheClaim = claims(new DeploymentKey(wanted.Metadata.Namespace ?? "", name))
                .FirstOrDefault(claim => claim.Metadata.Name == claimName && claim.Metadata.Namespace == wanted.Metadata.Namespace),
        };
        // The status speaks of the source that was inspected.
        if (present?.Status?.Model is { ContextLength: not null } known && SpecHash.Source(wanted.Spec) == SpecHash.Source(present.Spec))
            return facts with { ModelContext = known.ContextLength, ModelBytes = known.Size?.ToInt64() };
        return await ReadAsync(wanted, cancellationToken) is { } model
            ? facts with { ModelContext = Known(model.ContextLength), ModelBytes = Known(model.WeightBytes) }
            : facts;
    }

    private async Task<InspectedModel?> ReadAsync(ModelDeployment wanted, CancellationToken cancellationToken)
    {
        // Nobody waits for it beyond the patience, and then nobody must be left with its failure.
        if (Interlocked.Increment(ref _reading) > MostReading)
        {
            Interlocked.Decrement(ref _reading);
            return null;
        }
        var reading = SafelyAsync(wanted);
        await Task.WhenAny(reading, Task.Delay(Patience, time, cancellationToken));
        return reading.IsCompletedSuccessfully ? await reading : null;
    }

    private async Task<InspectedModel?> SafelyAsync(ModelDeployment wanted)
    {
        try
        {
            return await inspector.InspectAsync(wanted, CancellationToken.None);
        }
        catch (Exception exception) when (exception is InspectionFailedException or KubernetesException or HttpRequestException or IOException or OperationCanceledException)
        {
            // The status will tell; here it only means that nothing is known.
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _reading);
        }
    }

    private static long? Known(long value) => value > 0 ? value : null;
}
