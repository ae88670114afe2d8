// Package faultdisk is a layer between SQLite and the file system that remembers
// every write, sync, truncation, creation and deletion in a folder, and can refuse
// them as a broken or full disk does.
//
// From what it remembers it builds what may be found in the folder after the power
// went at any moment ([Disk.Cuts]). A disk promises only this: what was written before a
// sync that succeeded is there. Of everything since, each sector of 512 bytes holds
// what it held before or any of what was written to it, a file has any of the sizes
// it had, with zeros or rubbish where nothing was written, and a name that was made or
// taken away is there or not, until its folder is synced. So pages are torn and
// order is lost, as much as a real disk may do it, and more often.
//
// [Watch] makes the layer the default of the whole process, so the code under test
// opens its files as always; files outside of watched folders go straight through.
package faultdisk
