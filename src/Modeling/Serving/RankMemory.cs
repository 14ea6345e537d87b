using System.Collections.Immutable;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Serving;

/// <summary>What a layout takes, gathered stage by stage: one device for each rank, and the host.</summary>
internal sealed class RankMemory(int tensorParallel, int stages)
{
    private readonly ImmutableArray<DeviceMemory>.Builder _devices = ImmutableArray.CreateBuilder<DeviceMemory>((tensorParallel * stages) + 1);
    private readonly ImmutableArray<Bytes>.Builder _pools = ImmutableArray.CreateBuilder<Bytes>(tensorParallel * stages);

    /// <summary>Adds the ranks of a stage, which are alike.</summary>
    /// <param name="stage">The layers; a stage may have none.</param>
    /// <param name="pool">What one rank has left for its cache.</param>
    /// <param name="parts">What one rank takes; index and layers are set here.</param>
    public void Add(in PipelineStage stage, Bytes pool, DeviceMemory parts)
    {
        bool layers = stage.End > stage.Start;
        for (int rank = 0; rank < tensorParallel; rank++)
        {
            _pools.Add(pool);
            _devices.Add(parts with
            {
                Index = _devices.Count,
                FirstLayer = layers ? stage.Start : null,
                LastLayer = layers ? stage.End - 1 : null,
            });
        }
    }

    /// <summary>Ends the list with the host; nothing can be added after it.</summary>
    public (MemoryEstimate Memory, ImmutableArray<Bytes> Pools) Of(TransformerModel model)
    {
        _devices.Add(new DeviceMemory { Kind = DeviceKind.Host });
        var memory = new MemoryEstimate
        {
            Model = model.Name,
            Architecture = model.Architecture,
            Layers = model.Layers.Length,
            Parameters = model.ParameterCount,
            Devices = _devices.MoveToImmutable(),
            UpperBound = model.UpperBound,
        };
        return (memory, _pools.MoveToImmutable());
    }
}
