namespace GpuStack.Operator.Supervision.Groups;

/// <summary>
/// How long a pod that is asked to stop looks for another one that is too: signals of one deletion reach the pods of a group at different
/// moments. One that is not being stopped will lose its engine anyway, and is not waited for.
/// </summary>
internal sealed class StopPatience
{
    private const int Looks = 5;

    private int _left = Looks;

    /// <param name="stopping">Whether the other one said that it is being stopped.</param>
    public bool GoesOn(bool stopping) => stopping || --_left > 0;
}
