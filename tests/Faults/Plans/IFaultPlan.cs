namespace GpuStack.Faults.Plans;

/// <summary>Says what goes wrong with a request. Called from many threads.</summary>
public interface IFaultPlan
{
    /// <summary>For a watch that is opened; null when nothing does.</summary>
    Fault? ForWatch();

    /// <summary>For a list; null when nothing does.</summary>
    Fault? ForList();
}
